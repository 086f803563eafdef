"""The inventory of the scripts of the payment page: their hashes, and why each is needed.

It contains every script at the address of the checkout: the page's policy allows no others.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.deploy.site_objects import SiteObject, site_objects
from infra.errors import InfraError
from infra.page_check import hash_of
from infra.sites import CHECKOUT, Addresses
from infra.stage import Stage
from infra.template.edge import page_headers
from infra.template.page_watch import parameter_name

_SCRIPTS = (".js", ".mjs")
_PURPOSE = re.compile(r"\s*(?:/\*\*(.*?)\*/|((?://[^\n]*\n)+))", re.DOTALL)
_COMMENT_MARK = re.compile(r"^\s*(?:\*|//)?\s?", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source file of a script, and its purpose: the comment at its beginning."""

    file: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script at ``path``. ``integrity`` is its SHA-384, in the form of the HTML attribute."""

    path: str
    integrity: str
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """The pages with their hash, the scripts, and the headers of each page."""

    pages: Mapping[str, str]
    scripts: tuple[Script, ...]
    headers: Mapping[str, str]

    def expected(self) -> dict[str, Mapping[str, str]]:
        """What ``page_check.differences`` compares with the live page."""
        scripts = {script.path: script.integrity for script in self.scripts}
        return {"pages": self.pages, "scripts": scripts, "headers": self.headers}

    def as_json(self) -> str:
        """All fields as JSON."""
        return json.dumps(asdict(self), indent=2)

    def as_markdown(self) -> str:
        """A table of the scripts, for people."""
        rows = [
            f"| `{script.path}` | `{script.integrity}` | `{script.sha256}` | {_reasons(script)} |"
            for script in self.scripts
        ]
        headers = [f"- `{name}: {value}`" for name, value in self.headers.items()]
        pages = [f"- `{path}`: `{hash_}`" for path, hash_ in self.pages.items()]
        table = ["| script | SHA-384 | SHA-256 | purpose |", "|---|---|---|---|", *rows]
        sections = [["# Scripts of the payment page"], table, ["## Pages"], pages]
        if headers:
            sections += [["## Headers of each page"], headers]
        return "\n\n".join("\n".join(section) for section in sections)


def page_inventory(addresses: Addresses, headers: Mapping[str, str]) -> Inventory:
    """The inventory of the checkout with ``addresses``, from this version of the sources.

    Raises InfraError if a source of a script does not begin with a comment about its purpose.
    """
    objects = {each.key: each for each in site_objects(CHECKOUT, addresses)}
    pages = {f"/{key}": hash_of(_content(objects[key])) for key in sorted(CHECKOUT.framable)}
    scripts = tuple(_script(key, objects) for key in sorted(objects) if key.endswith(_SCRIPTS))
    return Inventory(pages=pages, scripts=scripts, headers=headers)


def expected_headers(outputs: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of the page of a stack with ``outputs``. A bucket adds no headers."""
    return page_headers(CHECKOUT) if CHECKOUT.domain_output in outputs else {}


def publish(inventory: Inventory, stage: Stage, aws: Aws) -> None:
    """Store the inventory for the scheduled check, after the upload of the page. 1 request."""
    aws.client("ssm").put_parameter(
        Name=parameter_name(stage),
        Value=json.dumps(inventory.expected()),
        Type="String",
        Tier="Intelligent-Tiering",  # standard, unless it has more than 4 KB
        Overwrite=True,
    )


def withdraw(stage: Stage, aws: Aws) -> None:
    """Delete the stored inventory. No-op if it does not exist. 1 request."""
    try:
        aws.client("ssm").delete_parameter(Name=parameter_name(stage))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise


def _script(key: str, objects: Mapping[str, SiteObject]) -> Script:
    content = _content(objects[key])
    return Script(
        path=f"/{key}",
        integrity=hash_of(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sources=tuple(
            Source(file=name, purpose=_purpose(name, text)) for name, text in _sources(key, objects)
        ),
    )


def _sources(key: str, objects: Mapping[str, SiteObject]) -> list[tuple[str, str]]:
    """The name and the text of each source of a script, from its source map if it is bundled."""
    if (map_ := objects.get(f"{key}.map")) is None:
        return [(key, _content(objects[key]).decode())]
    source_map: dict[str, Any] = json.loads(_content(map_))
    names = [name.rpartition("sources/")[2] for name in source_map["sources"]]
    return sorted(zip(names, source_map["sourcesContent"], strict=True))


def _purpose(name: str, text: str) -> str:
    """The comment at the beginning of a source, as one line."""
    if (comment := _PURPOSE.match(text)) is None:
        raise InfraError(
            f"sdk/{name} is a script of the payment page and has no justification. "
            "Begin the file with a comment that describes its purpose."
        )
    return " ".join(_COMMENT_MARK.sub("", comment[1] or comment[2]).split())


def _content(each: SiteObject) -> bytes:
    return gzip.decompress(each.body) if each.content_encoding else each.body


def _reasons(script: Script) -> str:
    return "<br>".join(f"`{source.file}`: {source.purpose}".replace("|", "\\|") for source in script.sources)
