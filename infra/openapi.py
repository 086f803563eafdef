"""Write the API description to docs/openapi.json: `python -m infra.openapi`."""

import json

from app import router
from chalicelib.api.openapi.document import describe
from infra.project import ROOT

COPY = ROOT / "docs" / "openapi.json"


def write() -> None:
    """Write the file."""
    COPY.write_text(json.dumps(describe(router.routes), indent=2) + "\n")


if __name__ == "__main__":
    write()
