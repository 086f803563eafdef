"""The gateway over HTTP, deployed on this machine as it is on AWS."""

import pytest

pytest.register_assert_rewrite("tests.e2e.api")
