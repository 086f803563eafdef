"""Section 5, `GET /openapi.json`: every route conforms to the document on generated requests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.project import ROOT
from tests.e2e.api import Api

pytestmark = pytest.mark.contract("5")
EXAMPLES = "CONFORMANCE_EXAMPLES"  # per operation, and scenarios; overrides the configuration
CONFIGURATION = Path(__file__).parent / "conformance" / "schemathesis.toml"


@pytest.mark.timeout(600 if EXAMPLES not in os.environ else 3_600)
def test_the_api_conforms_to_its_openapi_document(merchant: Api, tmp_path: Path):
    environment = os.environ | {
        "API_KEY": merchant.credentials["X-Api-Key"],
        "API_SECRET": merchant.credentials["X-Api-Secret"],
        "PYTHONPATH": str(ROOT),
    }
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(CONFIGURATION), "--no-color", "run"]
    command += ["--max-examples", os.environ[EXAMPLES]] if EXAMPLES in os.environ else []
    done = subprocess.run(
        [*command, f"{merchant.url}/api/v1/openapi.json", "--url", merchant.url],
        cwd=tmp_path,  # schemathesis writes its database there
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
