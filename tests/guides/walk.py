"""A walk through a document, which executes every block in order."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.guides.blocks import Block, blocks_of
from tests.guides.shape import require_same
from tests.guides.terminal import PATIENCE_S, Running, Terminal, ids_in

OUTPUTS = frozenset({"json", "text"})
POLL_S = 0.5


@dataclass
class Walk:
    """How one document is executed.

    ``fill`` inserts the addresses and credentials of this run. ``servers`` are the commands that run until
    Ctrl-C, each with a function that is called after the start. ``checks``, by name or language, are
    functions for blocks that are neither commands, nor their output, nor files that they use. ``elsewhere``
    are commands that other tests run, with their place; they are skipped.
    """

    terminal: Terminal
    fill: Callable[[str], str] = str
    servers: Mapping[str, Callable[[Running], None]] = field(default_factory=dict)
    checks: Mapping[str, Callable[[str], None]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _unused_files: dict[str, Block] = field(default_factory=dict)
    _printed: str = ""

    def through(self, document: str) -> None:
        """Execute every block of ``document``. AssertionError for a wrong output or an unused block."""
        blocks = list(blocks_of(document))
        for block, before, after in zip(blocks, [None, *blocks], [*blocks[1:], None], strict=False):
            try:
                self._execute(block, before, after)
            except BaseException as error:
                error.add_note(f"in {block.place}")
                raise
        unused = [block.place for block in self._unused_files.values()]
        assert not unused, f"no command uses {unused}"

    def filled(self, text: str) -> str:
        """``text`` with the latest ids, and with the values of this run."""
        for left_out, id_ in self._ids.items():
            text = text.replace(left_out, id_)
        return self.fill(text)

    def _execute(self, block: Block, before: Block | None, after: Block | None) -> None:
        if check := self.checks.get(block.name or block.language):
            check(self.filled(block.text))
        elif block.language == "sh":
            self._type(block, is_shown=_is_output(after))
        elif before and before.language == "sh" and _is_output(block):
            self._compare(block, self.filled(before.text))
        else:
            assert block.name, f"no command uses\n{block.text}"
            (self.terminal.folder / block.name).write_text(self.filled(block.text))
            self._unused_files[block.name] = block

    def _type(self, block: Block, *, is_shown: bool) -> None:
        self._note_use(block.text)
        if serve := self.servers.get(block.text.strip()):
            serve(self.terminal.start(self.filled(block.text)))
        elif not all(line.partition("#")[0].strip() in self.elsewhere for line in block.text.splitlines()):
            self._run(block.text)
            assert is_shown or '"error"' not in self._printed, f"the request was rejected: {self._printed}"

    def _note_use(self, text: str) -> None:
        """Mark the files in ``text`` as used, and the files that they import."""
        named = [name for name in self._unused_files if name in text or _import_of(name) in text]
        for name in named:
            if used := self._unused_files.pop(name, None):
                self._note_use(used.text)

    def _compare(self, shown: Block, command: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return require_same(self.filled(shown.text), self._printed, shown.language)
            except AssertionError:
                if not _only_reads(command) or time.monotonic() > deadline:
                    raise
            time.sleep(POLL_S)
            self._run(command)

    def _run(self, commands: str) -> None:
        """Type ``commands``. The ids in the output of one command can be used after an empty line."""
        self._printed = ""
        for command in commands.split("\n\n"):
            printed = self.terminal.run(self.filled(command))
            self._ids |= ids_in(printed)
            self._printed += printed


def _is_output(block: Block | None) -> bool:
    return bool(block and block.language in OUTPUTS and not block.name)


def _import_of(file: str) -> str:
    """The import statement of a Python module."""
    return f"from {file.removesuffix('.py')} import"


def _only_reads(command: str) -> bool:
    """Whether the command can be repeated until it has the expected output."""
    return command.startswith("api GET ") or (command.startswith("curl ") and " -X " not in command)
