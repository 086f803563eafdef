"""Minimal handlers, written by hand for one purpose: what the gateway's CPU time is compared with.

They send the same requests to AWS as the gateway, with botocore, and respond with the same fields. They have
what a correct handler needs: credentials, validation of the request, conditional writes, idempotency, signed
webhooks and one log line. They have no layers, models, limits, metrics and unusual cases.
"""

import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from botocore.config import Config
from botocore.session import get_session

Json = dict[str, Any]

LOG = logging.getLogger("by hand")
VPA = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z]{2,64}")
TIMEOUT_S = 5
HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}
SHOWN = ("id", "order_id", "amount", "currency", "method", "vpa", "status", "created_at")


class RefusedError(Exception):
    """The request is invalid."""


def client() -> Any:
    """A client with the options that pynamodb uses, so that both sides have the same."""
    return get_session().create_client("dynamodb", config=Config(parameter_validation=False))


@dataclass
class ByHand:
    """The handlers. ``prefix`` is that of the tables' names."""

    prefix: str
    dynamodb: Any = field(default_factory=client)
    http: requests.Session = field(default_factory=requests.Session)
    merchants: dict[str, Json] = field(default_factory=dict)

    def table(self, name: str) -> str:
        """The physical name of a table."""
        return self.prefix + name

    def api(self, event: Json) -> Json:
        """Respond to a request of API Gateway."""
        try:
            merchant = self.authenticate({name.lower(): value for name, value in event["headers"].items()})
            if event["httpMethod"] == "GET":
                status, body = 200, self.payment(merchant, event["pathParameters"]["payment_id"])
            else:
                key = event["headers"].get("Idempotency-Key")
                status, body = 201, self.pay(merchant, json.loads(event["body"]), key)
        except RefusedError as error:
            status, body = 400, json.dumps({"error": {"description": str(error)}})
        LOG.info(json.dumps({"path": event["requestContext"]["resourcePath"], "status": status}))
        return {"statusCode": status, "headers": HEADERS, "body": body}

    def authenticate(self, headers: Mapping[str, str]) -> Json:
        """The merchant of an API key and its secret. No request if it is cached."""
        key = headers["x-api-key"]
        if key not in self.merchants:
            found = self.dynamodb.query(
                TableName=self.table("merchants"),
                IndexName="by_api_key",
                KeyConditionExpression="api_key = :key",
                ExpressionAttributeValues={":key": {"S": key}},
            )
            self.merchants[key] = found["Items"][0]
        merchant = self.merchants[key]
        digest = hashlib.sha256(headers["x-api-secret"].encode()).hexdigest()
        if not hmac.compare_digest(digest, merchant["api_secret_hash"]["S"]):
            raise RefusedError("Invalid API credentials")
        return merchant

    def pay(self, merchant: Json, body: Json, key: str | None) -> str:
        """Create a payment: one read of the order, one transaction."""
        if body.get("method") != "upi" or not VPA.fullmatch(body.get("vpa", "")):
            raise RefusedError("vpa is not valid")
        order = self.dynamodb.get_item(
            TableName=self.table("orders"), Key={"id": {"S": body["order_id"]}}, ConsistentRead=True
        ).get("Item")
        if order is None or order["merchant_id"] != merchant["id"]:
            raise RefusedError("Order not found")
        now, id_ = datetime.now(UTC), f"pay_{secrets.token_hex(8)}"
        row = _payment(order, body, id_, now)
        shown = json.dumps(_shown(row))
        writes = [
            {
                "Put": {
                    "TableName": self.table("payments"),
                    "Item": row,
                    "ConditionExpression": "attribute_not_exists(id)",
                }
            },
            {
                "Update": {
                    "TableName": self.table("orders"),
                    "Key": {"id": order["id"]},
                    "UpdateExpression": "SET attempts = attempts + :one ADD open_payment_ids :ids",
                    "ConditionExpression": "attribute_not_exists(expires_at) OR expires_at > :now",
                    "ExpressionAttributeValues": {
                        ":one": {"N": "1"},
                        ":ids": {"SS": [id_]},
                        ":now": {"S": now.isoformat()},
                    },
                }
            },
        ]
        if key:
            writes.insert(0, {"Put": self._first_use(merchant, body, key, shown)})
        try:
            self.dynamodb.transact_write_items(TransactItems=writes)
        except self.dynamodb.exceptions.TransactionCanceledException as error:
            earlier = error.response["CancellationReasons"][0].get("Item")
            if not key or not earlier:
                raise
            return str(earlier["body"]["S"])
        return shown

    def _first_use(self, merchant: Json, body: Json, key: str, shown: str) -> Json:
        scope = f"{merchant['id']['S']}#POST /api/v1/payments#{key}"
        return {
            "TableName": self.table("idempotency-keys"),
            "Item": {
                "id": {"S": hashlib.sha256(scope.encode()).hexdigest()},
                "fingerprint": {"S": hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()},
                "status": {"N": "201"},
                "body": {"S": shown},
                "expires_at": {"N": str(int((datetime.now(UTC) + timedelta(days=1)).timestamp()))},
            },
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def payment(self, merchant: Json, id_: str) -> str:
        """A payment."""
        row = self.dynamodb.get_item(
            TableName=self.table("payments"), Key={"id": {"S": id_}}, ConsistentRead=True
        ).get("Item")
        if row is None or row["merchant_id"] != merchant["id"]:
            raise RefusedError("Payment not found")
        shown = _shown(row)
        shown |= {
            "display_status": shown["status"],
            "captured": False,
            "amount_refunded": shown["amount"] - int(row["amount_refundable"]["N"]),
            "acquirer": row["acquirer"]["S"],
            "settled_at": row.get("settled_at", {}).get("S"),
            "captured_at": row.get("captured_at", {}).get("S"),
            "updated_at": row["updated_at"]["S"],
        }
        return json.dumps(shown)

    def deliver(self, messages: list[Json]) -> Json:
        """Send the webhooks of a batch, one after another."""
        for message in messages:
            self.attempt(json.loads(message["body"]))
        return {"batchItemFailures": []}

    def attempt(self, job: Json) -> None:
        """One attempt: two reads, claim, request to the merchant, attempt, result, health of the endpoint."""
        endpoint = {"endpoint": {"S": job["merchant_id"]}}
        self.dynamodb.batch_get_item(RequestItems={self.table("webhook-pace"): {"Keys": [endpoint]}})
        merchants = {"Keys": [{"id": {"S": job["merchant_id"]}}], "ConsistentRead": True}
        found = self.dynamodb.batch_get_item(RequestItems={self.table("merchants"): merchants})
        merchant = found["Responses"][self.table("merchants")][0]
        now = datetime.now(UTC)
        log = self.dynamodb.update_item(
            TableName=self.table("webhook-logs"),
            Key={"id": {"S": job["log_id"]}},
            UpdateExpression="SET leased_until = :until",
            ConditionExpression="#status = :pending AND attempts = :attempts "
            "AND (attribute_not_exists(leased_until) OR leased_until <= :now)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":pending": {"S": "pending"},
                ":attempts": {"N": str(job["attempts"])},
                ":until": {"S": (now + timedelta(seconds=20)).isoformat()},
                ":now": {"S": now.isoformat()},
            },
            ReturnValues="ALL_NEW",
        )["Attributes"]
        body = log["body"]["S"].encode()
        headers = _signed(merchant["webhook_secret"]["S"], job["log_id"], body, now)
        response = self.http.post(
            merchant["webhook_url"]["S"],
            data=body,
            headers=headers,
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
        attempt = {
            "at": {"S": now.isoformat()},
            "url": {"S": response.url},
            "request_headers": {"S": json.dumps(headers)},
            "response_code": {"N": str(response.status_code)},
            "response_headers": {"S": json.dumps(dict(response.headers))},
            "response_body": {"S": response.text},
        }
        self.dynamodb.put_item(
            TableName=self.table("webhook-attempts"),
            Item={"log_id": log["id"], "sort_key": {"S": now.isoformat()}, "attempt": {"M": attempt}},
            ConditionExpression="attribute_not_exists(log_id)",
        )
        self.dynamodb.update_item(
            TableName=self.table("webhook-logs"),
            Key={"id": log["id"]},
            UpdateExpression="SET #status = :status, attempts = :attempts, last_attempt_at = :now, "
            "response_code = :code REMOVE leased_until, next_retry_at",
            ConditionExpression="leased_until = :until",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":status": {"S": "success" if response.ok else "pending"},
                ":attempts": {"N": str(job["attempts"] + 1)},
                ":now": {"S": now.isoformat()},
                ":code": {"N": str(response.status_code)},
                ":until": log["leased_until"],
            },
        )
        self.dynamodb.update_item(
            TableName=self.table("webhook-health"),
            Key={**endpoint, "hour": {"S": now.strftime("%Y-%m-%dT%H:00:00")}},
            UpdateExpression="ADD accepted :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
        LOG.info(json.dumps({"webhook_log_id": job["log_id"], "response_code": response.status_code}))


def _payment(order: Json, body: Json, id_: str, now: datetime) -> Json:
    at = {"S": now.isoformat()}
    return {
        "id": {"S": id_},
        "order_id": order["id"],
        "merchant_id": order["merchant_id"],
        "amount": order["amount"],
        "amount_refundable": order["amount"],
        "currency": order["currency"],
        "method": {"S": "upi"},
        "vpa": {"S": body["vpa"]},
        "status": {"S": "pending"},
        "acquirer": {"S": "simulated"},
        "process_at": {"S": (now + timedelta(seconds=secrets.randbelow(5) + 5)).isoformat()},
        "list_key": {"S": f"{order['merchant_id']['S']}#0"},
        "sort_key": {"S": f"{now.isoformat()}#{id_}"},
        "created_at": at,
        "updated_at": at,
    }


def _shown(row: Json) -> Json:
    return {name: int(row[name]["N"]) if name == "amount" else row[name]["S"] for name in SHOWN}


def _signed(secret: str, id_: str, body: bytes, now: datetime) -> dict[str, str]:
    at = str(int(now.timestamp()))
    key = secret.removeprefix("whsec_").encode()  # the secret of the test merchant is not base64
    signature = base64.b64encode(hmac.digest(key, f"{id_}.{at}.".encode() + body, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "X-Webhook-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "webhook-id": id_,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{signature}",
    }
