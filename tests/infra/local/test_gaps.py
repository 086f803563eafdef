"""The gaps of the embedded AWS that show between a stop and a start."""

import json

from infra.local.gaps import forget_stream_positions


def test_a_streams_position_is_forgotten_with_its_records(tmp_path):
    state = tmp_path / "lambda.json"
    state.write_text(json.dumps({"payload": {"dynamodb_stream_positions": {"relay": 7}, "esms": [1]}}))
    forget_stream_positions(tmp_path)
    assert json.loads(state.read_text()) == {"payload": {"esms": [1]}}


def test_a_first_start_has_nothing_to_forget(tmp_path):
    forget_stream_positions(tmp_path)
    assert not list(tmp_path.iterdir())
