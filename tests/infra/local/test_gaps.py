"""The gaps of the embedded AWS that show between a stop and a start."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from infra.aws import Aws
from infra.local.gaps import forget_stream_positions, switch_workers


def test_a_streams_position_is_forgotten_with_its_records(tmp_path):
    state = tmp_path / "lambda.json"
    state.write_text(json.dumps({"payload": {"dynamodb_stream_positions": {"relay": 7}, "esms": [1]}}))
    forget_stream_positions(tmp_path)
    assert json.loads(state.read_text()) == {"payload": {"esms": [1]}}


def test_a_first_start_has_nothing_to_forget(tmp_path):
    forget_stream_positions(tmp_path)
    assert not list(tmp_path.iterdir())


@dataclass
class Lambda:
    """A Lambda service with a queue's mapping and a stream's."""

    switched: dict[str, bool] = field(default_factory=dict)

    def client(self, _service: str) -> "Lambda":
        return self

    def list_event_source_mappings(self) -> dict[str, Any]:
        sources = {
            "queue": "arn:aws:sqs:us-east-1:0:jobs",
            "stream": "arn:aws:dynamodb:us-east-1:0:table/rows",
        }
        mappings = [{"UUID": id_, "EventSourceArn": arn} for id_, arn in sources.items()]
        return {"EventSourceMappings": mappings}

    def update_event_source_mapping(self, **change: Any) -> None:
        self.switched[change["UUID"]] = change["Enabled"]


def test_before_a_stop_the_workers_rest_and_the_relay_goes_on():
    functions = Lambda()
    switch_workers(cast(Aws, functions), on=False)
    assert functions.switched == {"queue": False}
