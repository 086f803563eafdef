"""The walk through a document detects every wrong output and every unused block."""

import pytest

from tests.guides.terminal import Terminal
from tests.guides.walk import Walk

ORDER = '{"id": "order_aEWRNNtPgj7LecAY", "created_at": "2026-11-23T06:55:29.194Z", "amount": 50000}'
MADE = f"""
```sh
echo '{ORDER}'
```

```json
{{"id": "order_0000000000000000", "created_at": "2026-01-01T00:00:00.000Z", "amount": 50000}}
```
"""


@pytest.fixture
def walk_through(tmp_path):
    def walk(text, **options):
        (tmp_path / "guide.md").write_text(text)
        with Terminal(tmp_path) as terminal:
            Walk(terminal, **options).through(str(tmp_path / "guide.md"))

    return walk


def test_values_that_differ_in_each_run_are_accepted(walk_through):
    walk_through(MADE)


def test_a_placeholder_is_replaced_by_the_id(walk_through):
    walk_through(MADE + "```sh\necho order_…\n```\n\n```text\norder_aEWRNNtPgj7LecAY\n```\n")


def test_variables_functions_and_files_are_kept(walk_through):
    walk_through(
        "```python greet.py\nfrom words import GREETING\nprint(GREETING)\n```\n"
        "```python words.py\nGREETING = 'hello'\n```\n"
        "```sh\ngreet() { python3 greet.py; }\nexport WHO=world\n```\n"
        '```sh\ngreet\n\necho "$WHO"\n```\n```text\nhello\nworld\n```\n'
    )


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("```python\nprint(1)\n```\n", "no command uses"),
        ("```json\n{}\n```\n", "no command uses"),
        ("```python unused.py\nprint(1)\n```\n", r"no command uses \[.*guide.md:\d+ \(python\)"),
        ("```sh\nfalse\n```\n", "it failed"),
        ("""```sh\necho '{"error": {}}'\n```\n""", "the request was rejected"),
        ("```sh\necho 1\n```\n```text\n2\n```\n", "but the actual output is"),
        (MADE.replace("50000}\n", "50001}\n"), "but the actual output is"),
        (MADE.replace(', "amount": 50000}\n', "}\n"), "but the actual output is"),
    ],
)
def test_a_wrong_block_is_detected(walk_through, block, message):
    with pytest.raises(AssertionError, match=message):
        walk_through(MADE + block)


def test_a_server_runs_until_it_is_interrupted(walk_through):
    def serve(running):
        running.wait_for("listening")
        said.append(running.interrupt())

    said: list[str] = []
    program = "import time\ntry:\n    print('listening', flush=True)\n    time.sleep(60)\n"
    program += "except KeyboardInterrupt:\n    print('stopped')\n"
    walk_through(
        f"```python serve.py\n{program}```\n```sh\npython3 serve.py\n```\n",
        servers={"python3 serve.py": serve},
    )
    assert said == ["listening\nstopped\n"]
