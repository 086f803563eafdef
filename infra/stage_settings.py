"""The settings file of a stage: `infra/stages/<stage>.toml`. Environment variables override it."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from infra.errors import InfraError
from infra.project import ROOT

FOLDER = ROOT / "infra" / "stages"
_SECRET = re.compile(r"secret|password|passphrase|token|credential|api_key|private", re.IGNORECASE)


def load_stage_settings(stage: str, known: Iterable[str], folder: Path = FOLDER) -> dict[str, str]:
    """The settings of the file of ``stage`` as environment variables; none if there is no file.

    Raises InfraError for a file that is not TOML, for a name that is not in ``known``, for a name that looks
    like that of a secret, and for a value that is not text, a number or a boolean.
    """
    path = folder / f"{stage}.toml"
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InfraError(f"{_shown(path)} is not valid TOML: {error}.") from error
    names = sorted(known)
    return {name: _value(path, name, value, names) for name, value in content.items()}


def _value(path: Path, name: str, value: object, known: list[str]) -> str:
    if name not in known and _SECRET.search(name):
        raise InfraError(
            f"{_shown(path)}: {name} looks like a secret. A settings file must not contain secrets: "
            "a deployment needs none, and credentials of acquirers are stored with "
            "`infra merchant acquirer set`."
        )
    if name not in known:
        raise InfraError(f"{_shown(path)}: {name} is not a setting. The settings are {', '.join(known)}.")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise InfraError(f"{_shown(path)}: {name} must be text, a number or a boolean.")


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
