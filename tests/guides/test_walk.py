"""The walk through a document notices whatever in it is not so, and whatever nobody runs."""

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


def test_what_is_new_each_time_need_not_be_the_same(walk_through):
    walk_through(MADE)


def test_an_id_is_put_where_the_document_leaves_it_out(walk_through):
    walk_through(MADE + "```sh\necho order_…\n```\n\n```text\norder_aEWRNNtPgj7LecAY\n```\n")


def test_variables_functions_and_files_stay(walk_through):
    walk_through(
        "```python greet.py\nfrom words import GREETING\nprint(GREETING)\n```\n"
        "```python words.py\nGREETING = 'hello'\n```\n"
        "```sh\ngreet() { python3 greet.py; }\nexport WHO=world\n```\n"
        '```sh\ngreet\n\necho "$WHO"\n```\n```text\nhello\nworld\n```\n'
    )


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("```python\nprint(1)\n```\n", "nobody runs it"),
        ("```json\n{}\n```\n", "nobody runs it"),
        ("```python unused.py\nprint(1)\n```\n", r"nobody runs \[.*guide.md:\d+ \(python\)"),
        ("```sh\nfalse\n```\n", "it failed"),
        ("""```sh\necho '{"error": {}}'\n```\n""", "it was refused"),
        ("```sh\necho 1\n```\n```text\n2\n```\n", "and this came"),
        (MADE.replace("50000}\n", "50001}\n"), "and this came"),
        (MADE.replace(', "amount": 50000}\n', "}\n"), "and this came"),
    ],
)
def test_what_is_not_so_is_noticed(walk_through, block, told):
    with pytest.raises(AssertionError, match=told):
        walk_through(MADE + block)


def test_a_server_is_there_until_it_is_interrupted(walk_through):
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
