"""Replaces the pauses of one module."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest


def replace_sleep(patch: pytest.MonkeyPatch, module: ModuleType, sleep: Callable[[float], object]) -> None:
    """Let ``module`` call ``sleep`` instead of ``time.sleep``, which it must call as that.

    ``time.sleep`` itself stays: threads of other tests call it, such as those of the embedded AWS.
    """
    patch.setattr(module, "time", SimpleNamespace(sleep=sleep))
