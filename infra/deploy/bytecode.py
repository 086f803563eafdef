"""Compiled modules in the archives of the functions, so that a cold start does not compile the code.

Lambda cannot write files beside the code. It imports a compiled module if its Python has the version that
compiled it, and does not compare it with the source: the content of an archive never changes.
"""

from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

CODE_DIR, LAYERS_DIR = "/var/task", "/opt"  # where Lambda extracts the archives; shown in tracebacks
_LAYER_PREFIX = "python/"
_READABLE = 0o644 << 16


def add_bytecode(archive: Path) -> None:
    """Add the compiled module of each Python file to the archive of a function or a layer."""
    with TemporaryDirectory() as scratch, ZipFile(archive, "a", ZIP_DEFLATED) as opened:
        folder = Path(scratch)
        names = opened.namelist()
        opened.extractall(folder, [name for name in names if name.endswith(".py")])
        is_layer = names[0].startswith(_LAYER_PREFIX)
        compile_dir(
            folder,
            quiet=2,  # files for other versions of Python fail, and are imported by nothing
            stripdir=scratch,
            prependdir=LAYERS_DIR if is_layer else CODE_DIR,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        for compiled in sorted(folder.rglob("*.pyc")):
            # Without the time of the file, the same code is the same archive.
            entry = ZipInfo(compiled.relative_to(folder).as_posix())
            entry.external_attr, entry.compress_type = _READABLE, ZIP_DEFLATED
            opened.writestr(entry, compiled.read_bytes())
