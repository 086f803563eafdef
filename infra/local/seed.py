"""The test merchant of the documentation, put into a local stack."""

from chalicelib.domain.clock import utc_now
from chalicelib.services.merchants import MerchantService
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.tables import MerchantRow, bind
from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION, Aws


def seed_test_merchant(table_name: str, aws: Aws) -> None:
    """Write the test merchant, unless it is there."""
    table = bind(MerchantRow, table_name)
    connection = {"host": aws.endpoint_url, "region": LOCAL_REGION, **LOCAL_CREDENTIALS}
    for name, value in connection.items():
        setattr(table.Meta, name, value)
    MerchantService(merchants=MerchantStore(table), clock=utc_now).seed_test_merchant()
