"""Amazon's DynamoDB Local, as in the tests of the stores."""

from tests.store.conftest import on_dynamodb_local

__all__ = ["on_dynamodb_local"]
