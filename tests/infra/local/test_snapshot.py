"""The snapshot of the state: replaced atomically; its predecessor is used if it is damaged."""

import json
from pathlib import Path

import pytest

from infra.local.ministack.snapshot import DamagedSnapshotError, Snapshots

DAMAGES = {
    "cut off": b'{"services":{"sqs":{"a":',
    "empty": b"",
    "not text": b"\xff\x00",
    "something else": b"[]",
}


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "aws")


def test_a_written_snapshot_can_be_read(snapshots):
    snapshots.replace({"sqs": '{"a": 1}', "s3": "{}"})
    assert snapshots.read() == {"sqs": {"a": 1}, "s3": {}}
    assert snapshots.recover() is None


def test_there_is_no_snapshot_at_first(snapshots):
    assert snapshots.recover() is None
    assert snapshots.read() is None


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_snapshot_is_renamed_and_its_predecessor_is_used(snapshots, damage):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    snapshots.current.write_bytes(damage)
    with pytest.raises(DamagedSnapshotError):
        snapshots.read()
    assert "was damaged" in (snapshots.recover() or "")
    assert snapshots.read() == {"sqs": 1}
    assert snapshots.current.with_suffix(".damaged").read_bytes() == damage


def test_if_both_are_damaged_it_starts_without_data_and_prints_it(snapshots):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    snapshots.current.write_bytes(b"")
    snapshots.previous.write_bytes(b"")
    assert "cannot be read" in (snapshots.recover() or "")
    assert snapshots.read() is None


@pytest.mark.parametrize("survives", ["current", "previous"])
def test_a_write_that_is_interrupted_at_any_point_leaves_a_complete_snapshot(snapshots, survives):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    (snapshots.folder / "snapshot.1.tmp").write_bytes(b'{"servi')
    (snapshots.folder / "snapshot.1.link").write_bytes(b"")
    getattr(snapshots, {"current": "previous", "previous": "current"}[survives]).unlink()
    snapshots.recover()
    assert snapshots.read() == {"sqs": 2 if survives == "current" else 1}
    assert not [*snapshots.folder.glob("*.tmp"), *snapshots.folder.glob("*.link")]


def test_a_process_whose_parent_ended_does_not_replace_a_newer_snapshot(snapshots):
    snapshots.replace({"sqs": "2"})
    snapshots.replace({"sqs": "1"}, may_replace=lambda: False)
    assert snapshots.read() == {"sqs": 2}
    assert [path.name for path in snapshots.folder.iterdir()] == ["snapshot.json"]


def test_code_without_a_reference_in_a_snapshot_is_deleted(snapshots):
    snapshots.replace({"lambda": json.dumps({"code": "a"})})
    snapshots.replace({"lambda": json.dumps({"code": "b"})})
    archives = snapshots.folder / "lambda-blobs"
    archives.mkdir()
    for name in ("a", "b", "zzz"):
        (archives / f"{name}.zip").touch()
    snapshots.remove_unused_code()
    assert {path.stem for path in archives.iterdir()} == {"a", "b"}


def test_without_a_snapshot_no_code_is_deleted(snapshots):
    (snapshots.folder / "lambda-blobs").mkdir(parents=True)
    (snapshots.folder / "lambda-blobs" / "old.zip").touch()
    snapshots.remove_unused_code()
    assert (snapshots.folder / "lambda-blobs" / "old.zip").exists()
