"""The file that holds the state: replaced as a whole, and the one before it is used when it is damaged."""

import json
from pathlib import Path

import pytest

from infra.local.ministack.snapshot import DamagedSnapshotError, Snapshots

DAMAGES = {
    "cut off": b'{"services":{"sqs":{"a":',
    "empty": b"",
    "no text": b"\xff\x00",
    "something else": b"[]",
}


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "aws")


def test_what_was_written_is_read(snapshots):
    snapshots.replace({"sqs": '{"a": 1}', "s3": "{}"})
    assert snapshots.read() == {"sqs": {"a": 1}, "s3": {}}
    assert snapshots.recover() is None


def test_before_the_first_there_is_nothing(snapshots):
    assert snapshots.recover() is None
    assert snapshots.read() is None


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_one_is_put_aside_for_the_one_before(snapshots, damage):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    snapshots.current.write_bytes(damage)
    with pytest.raises(DamagedSnapshotError):
        snapshots.read()
    assert "was damaged" in (snapshots.recover() or "")
    assert snapshots.read() == {"sqs": 1}
    assert snapshots.current.with_suffix(".damaged").read_bytes() == damage


def test_with_both_damaged_it_starts_without_and_says_so(snapshots):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    snapshots.current.write_bytes(b"")
    snapshots.previous.write_bytes(b"")
    assert "cannot be read" in (snapshots.recover() or "")
    assert snapshots.read() is None


@pytest.mark.parametrize("survives", ["current", "previous"])
def test_a_write_that_died_at_any_moment_leaves_one_that_is_whole(snapshots, survives):
    snapshots.replace({"sqs": "1"})
    snapshots.replace({"sqs": "2"})
    (snapshots.folder / "snapshot.1.tmp").write_bytes(b'{"servi')
    (snapshots.folder / "snapshot.1.link").write_bytes(b"")
    getattr(snapshots, {"current": "previous", "previous": "current"}[survives]).unlink()
    snapshots.recover()
    assert snapshots.read() == {"sqs": 2 if survives == "current" else 1}
    assert not [*snapshots.folder.glob("*.tmp"), *snapshots.folder.glob("*.link")]


def test_a_process_whose_parent_died_does_not_replace_a_newer_one(snapshots):
    snapshots.replace({"sqs": "2"})
    snapshots.replace({"sqs": "1"}, may_replace=lambda: False)
    assert snapshots.read() == {"sqs": 2}
    assert [path.name for path in snapshots.folder.iterdir()] == ["snapshot.json"]


def test_code_that_no_snapshot_refers_to_is_deleted(snapshots):
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
