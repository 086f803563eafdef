"""Tests over HTTP against the gateway, deployed locally as on AWS."""

import pytest

pytest.register_assert_rewrite("tests.e2e.api")
