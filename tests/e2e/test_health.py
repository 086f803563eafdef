"""What needs no credentials: health and the seeded test merchant."""

from datetime import UTC, datetime, timedelta

from tests.e2e.api import Api

SEEDED = {"X-Api-Key": "key_test_abc123", "X-Api-Secret": "secret_test_xyz789"}


def test_health_tells_of_every_dependency(gateway):
    response = Api(gateway.api_url).request("GET", "/health")
    assert response.status_code == 200
    health = response.json()
    timestamp = datetime.fromisoformat(health.pop("timestamp"))
    assert abs(datetime.now(UTC) - timestamp) < timedelta(minutes=1)
    assert health == {
        "status": "healthy",
        "database": "connected",
        "queue": "connected",
        "worker": "running",
    }


def test_the_test_merchant_is_seeded(gateway):
    response = Api(gateway.api_url).get("/test/merchant")
    assert response.status_code == 200
    assert response.json() == {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "email": "test@example.com",
        "api_key": "key_test_abc123",
        "seeded": True,
    }


def test_the_test_merchants_credentials_work_and_its_webhooks_are_signed_with_the_known_secret(gateway):
    response = Api(gateway.api_url, credentials=SEEDED).get("/webhooks/config")
    assert response.json() == {"webhook_url": None, "webhook_secret": "whsec_test_abc123"}
