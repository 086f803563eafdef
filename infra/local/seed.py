"""The test merchant of the documentation."""

from random import SystemRandom

from chalicelib.domain.clock import utc_now
from chalicelib.services.onboarding import OnboardingService
from chalicelib.store.merchants import MerchantRow, MerchantStore
from infra.aws import Aws


def seed_test_merchant(table_name: str, aws: Aws) -> None:
    """Create the test merchant unless it exists."""
    merchants = MerchantStore(aws.database().bind(MerchantRow, table_name))
    OnboardingService(merchants=merchants, clock=utc_now, random=SystemRandom()).seed_test_merchant()
