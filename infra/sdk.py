"""Builds ``sdk/checkout.js`` from the modules of ``sdk/source``: ``python -m infra.sdk`` writes it.

The built file is committed, because its bytes are served at an address that merchants pin by hash.
"""

import subprocess
from pathlib import Path

from infra.errors import InfraError
from infra.project import ROOT
from infra.sites import SDK_VERSION
from infra.vendored import esbuild

SOURCE = ROOT / "sdk" / "source"
BUILT = ROOT / "sdk" / "checkout.js"
_TIMEOUT_S = 60
_PURPOSE = (
    f"/** PaymentGateway {SDK_VERSION}: the hosted checkout page on a shop's page. Built from sdk/source by "
    "`python -m infra.sdk`. Types: checkout.d.ts. */"
)


def build(source: Path = SOURCE) -> bytes:
    """The SDK as one script. Raises InfraError if esbuild cannot be installed, or if it rejects a source."""
    options = ("--bundle", "--format=iife", "--minify", "--charset=utf8", "--target=es2022")
    command = [str(esbuild()), str(source / "checkout.js"), *options, f"--banner:js={_PURPOSE}"]
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode or done.stderr:
        raise InfraError(f"The SDK could not be built: {done.stderr.decode().strip()}")
    return done.stdout


if __name__ == "__main__":
    BUILT.write_bytes(build())
