"""The texts of the project use plain English and standard terms: no phrase of ``PHRASES``."""

import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from infra.project import ROOT

CHECKED = ("*.py", "*.md", "*.js", "*.mjs", "*.ts", "*.html", "*.css", "*Makefile", "*.toml", "*.yml")
EXCLUDED = (
    "tests/guides/test_plain_english.py",  # contains the phrases
    "sdk/checkout.js",  # merchants pin the hash
    "sdk/checkout-*.js",
)
CHANGELOG = "CHANGELOG.md"  # only the newest release is checked

# A regular expression, without regard to case, and the plain alternative. A space also matches a line break.
PHRASES = {
    r"\btold\b": "notified, called, sent, shown, distinguished",
    r"\bowe[sd]?\b": "effects, pending",
    r"\blet(s|ting)? in\b": "accept, allow",
    r"(?<!there )\b(is|are) no (?!longer\b)[a-z]+": "is not a …, do not …",
    r"\bnone is no\b": "no-op if it does not exist",
    r"\bno more\b(?! than\b)": "no longer",
    r"\bmakes? itself\b": "is created, generates",
    r"\bwhoever\b": "the operator, the user, the caller",
    r"\b(no|some|any|every)body\b": "the person's role, users, anyone, no one",
    r"\bmend(s|ed|ing)?\b": "fix, correct",
    r"\banew\b": "again",
    r"\bin vain\b": "without effect, unsuccessfully",
    r"\bgo(es|ing)? on (and|for|with|working|polling|until)\b": "continue",
    r"\b(to come|comes?|came) again\b": "retry, redeliver",
    r"\bask(s|ed)? again\b": "retry, request again",
    r"\bnames no inside\b": "reveals no internals",
    r"\bside by side\b": "concurrently",
    r"\bbesides\b": "in addition to, also",
    r"\bof (its|their|our|your|his|her) own\b": "separate, its",
    r"\blook(s|ed|ing)? at\b": "view, check, read",
    r"\bjudge[sd]?\b": "validate, evaluate",
    r"\bunder way\b": "in progress, open",
    r"\bhand(s|ed)? out\b": "deliver, distribute",
    r"\bset aside\b": "move to the dead-letter queue",
    r"\bgive(s|n)? back\b": "refund, return",
    r"\bswitch(es|ed)? off\b": "disable",
    r"\bat once\b": "immediately, concurrently",
    r"\bas (it|they) (came|stands?)\b": "raw, unchanged",
    r"\bthat came\b": "received, raw",
    r"\bhowever (it|often|many)\b": "any number of times, including concurrent requests",
    r"\bfor (ever|good)\b": "permanently",
    r"\btakes? (you|it|them) in\b": "onboard",
    r"\bin hand\b": "in progress",
    r"\bcannot be told\b": "is unknown",
    r"\bmade (up )?of\b": "generated from, consists of",
}
_CONTINUATION = re.compile(r"\n[ \t]*(?:#+|//|\*)?[ \t]*")


def checked_files() -> list[str]:
    """The tracked files that are checked, relative to the root."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [
        file
        for file in listed.stdout.splitlines()
        if _matches(file, CHECKED) and not _matches(file, EXCLUDED) and (ROOT / file).is_file()
    ]


def problems_of(text: str) -> Iterator[tuple[int, str]]:
    """The line and a message for each phrase in ``text``."""
    joined = _CONTINUATION.sub("\n", text)  # without comment markers, so that a phrase can be wrapped
    for phrase, plain in PHRASES.items():
        for found in re.finditer(phrase.replace(" ", r"\s"), joined, re.IGNORECASE):
            line = joined.count("\n", 0, found.start()) + 1
            yield line, f"{' '.join(found[0].split())!r}: write {plain}"


def test_texts_use_plain_english():
    problems = [
        f"{file}:{line}: {message}"
        for file in checked_files()
        for line, message in sorted(problems_of(_text_of(file)))
    ]
    assert problems == [], "\n" + "\n".join(problems)


@pytest.mark.parametrize(
    "text",
    [
        "Whoever runs it",
        "it is no job",
        "the row is told\nto",
        "# they run side\n# by side",
        "Nobody reads it",
    ],
)
def test_a_phrase_is_found(text):
    assert [line for line, _ in problems_of(f"first\n{text}")] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "it is no longer",
        "There is no key",
        "there\n# is no key",
        "no more than 5",
        "// there are\n// no rows",
    ],
)
def test_standard_english_is_accepted(text):
    assert list(problems_of(text)) == []


def _matches(file: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)


def _text_of(file: str) -> str:
    text = (ROOT / file).read_text(encoding="utf-8")
    if file == CHANGELOG:
        text = "\n## ".join(text.split("\n## ")[:2])
    return text
