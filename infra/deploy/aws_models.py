"""The descriptions of AWS services in the layer: only those that the functions use, without documentation.

botocore brings 27 MB for 430 services. A function lists their folders and parses the endpoints of all of them
when it creates its first client, and Lambda has to load the larger archive.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SERVICES = frozenset({"dynamodb", "logs", "sqs", "ssm"})
_DATA = "/botocore/data/"
_READ_BY_CLIENTS = ("service-2.json", "endpoint-rule-set-1.json")  # not examples, paginators and waiters
_ENDPOINTS = "endpoints.json"


def reduce_aws_models(archive: Path) -> None:
    """Rewrite ``archive`` with the reduced descriptions. No-op for an archive without botocore."""
    with ZipFile(archive) as original:
        if not any(_DATA in name for name in original.namelist()):
            return
        reduced = archive.with_suffix(".reduced")
        with ZipFile(reduced, "w", ZIP_DEFLATED) as written:
            for entry in original.infolist():
                for name, content in _kept(entry.filename, original.read(entry)):
                    copied = ZipInfo(name, entry.date_time)
                    copied.external_attr, copied.compress_type = entry.external_attr, ZIP_DEFLATED
                    written.writestr(copied, content)
    reduced.replace(archive)


def _kept(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The file as it is in the layer, if it is."""
    _, is_data, path = name.partition(_DATA)
    service, _, file = path.partition("/")
    if not is_data:
        yield name, content
    elif path == _ENDPOINTS:
        yield name, _json(_endpoints(json.loads(content)))
    elif not file:
        yield name, content
    elif service in SERVICES and file.removesuffix(".gz").endswith(_READ_BY_CLIENTS):
        text = gzip.decompress(content) if file.endswith(".gz") else content
        yield name.removesuffix(".gz"), _json(_undocumented(json.loads(text)))


def _endpoints(known: dict[str, Any]) -> dict[str, Any]:
    for partition in known["partitions"]:
        partition["services"] = {
            service: value for service, value in partition["services"].items() if service in SERVICES
        }
    return known


def _undocumented(value: Any) -> Any:
    """The value without texts of documentation. A member of a structure can have that name too."""
    if isinstance(value, list):
        return [_undocumented(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _undocumented(each)
        for name, each in value.items()
        if name != "documentation" or not isinstance(each, str)
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
