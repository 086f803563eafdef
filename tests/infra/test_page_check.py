"""The check of the live payment page finds every change of a script, a page or a header."""

import gzip
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.aws import Aws
from infra.deploy.page_inventory import publish, withdraw
from infra.page_check import differences
from infra.stage import Stage
from infra.template import page_watch
from tests.infra.page_server import PageServer, Served, page_server

PROD = Stage("prod")


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with page_server() as server:
        yield server


@pytest.fixture
def page(server: PageServer) -> Iterator[PageServer]:
    """The server, whose files are restored after the test."""
    yield server
    server.files.clear()
    server.restore()


def found(page: PageServer) -> list[str]:
    return differences(page.url, page.inventory.expected())


def main_script(page: PageServer) -> str:
    return next(path for path in page.files if path.endswith("/page/main.js"))


def change_page(page: PageServer, before: str, after: str) -> None:
    served = page.files["/checkout"]
    html = gzip.decompress(served.body).decode()
    assert before in html
    page.files["/checkout"] = Served(gzip.compress(html.replace(before, after).encode()), served.headers)


def test_the_page_as_uploaded_has_no_differences_and_every_script_is_loaded(page: PageServer):
    page.requests.clear()
    assert found(page) == []
    scripts = {path for path in page.files if path.endswith((".js", ".mjs"))}
    assert set(page.requests) == scripts | {"/checkout", "/checkout.html", "/checkout/checkout.html"}


def test_a_changed_script_is_found(page: PageServer):
    path = main_script(page)
    page.files[path] = Served(gzip.compress(b"steal()"), page.files[path].headers)
    (difference,) = found(page)
    assert difference.startswith(f"{path} has the hash sha384-")


def test_a_changed_sdk_is_found(page: PageServer):
    page.files["/checkout.js"].body += b"\nsteal();"
    (difference,) = found(page)
    assert difference.startswith("/checkout.js has the hash")


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ('<script src="https://evil.example/x.js"></script>', "loads https://evil.example/x.js"),
        ('<script src="/x.js"></script>', "/x.js, which is not in the inventory"),
        ("<script>steal()</script>", "has an inline script"),
        ('<link rel="modulepreload" href="//evil.example/x.js">', "loads http://evil.example/x.js"),
    ],
)
def test_an_additional_script_of_the_page_is_named(page: PageServer, tag: str, message: str):
    change_page(page, "</head>", f"{tag}</head>")
    changed = found(page)
    assert [each for each in changed if each.startswith("/checkout has the hash")]
    assert [each for each in changed if message in each]


def test_a_weaker_policy_in_the_page_is_found(page: PageServer):
    change_page(page, "script-src 'self'", "script-src *")
    (difference,) = found(page)
    assert difference.startswith("/checkout has the hash")


@pytest.mark.parametrize("name", ["Content-Security-Policy", "Strict-Transport-Security"])
@pytest.mark.parametrize("value", [None, "max-age=0"])
def test_a_missing_or_changed_header_is_found(page: PageServer, name: str, value: str | None):
    headers = {key: each for key, each in page.files["/checkout"].headers.items() if key != name}
    page.files["/checkout"].headers = headers | ({name: value} if value else {})
    (difference,) = found(page)
    assert difference.startswith(f"/checkout has the header {name}: {value}, expected ")


@pytest.mark.parametrize(
    ("served", "problem"),
    [
        (Served(b"", {}, 404), "status 404"),
        (Served(b"", {"Location": "/checkout.js"}, 302), "status 302"),
        (Served(b"not gzip", {"Content-Encoding": "gzip"}), "Not a gzipped file"),
    ],
)
def test_a_script_that_cannot_be_loaded_is_found(page: PageServer, served: Served, problem: str):
    page.files[main_script(page)] = served
    (difference,) = found(page)
    assert difference.startswith(f"{main_script(page)} cannot be loaded: {problem}")


def test_a_site_that_does_not_respond_is_found(page: PageServer):
    inventory = page.inventory.expected()
    closed = differences("http://127.0.0.1:1", inventory)
    assert len(closed) == len(inventory["pages"]) + len(inventory["scripts"])
    assert all("cannot be loaded" in each for each in closed)


class Function:
    """The deployed function: the code in the template, with its variables."""

    def __init__(self, page: PageServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits_s: list[float] = []
        self.after_wait: Callable[[], None] | None = None
        properties = page_watch.resources(PROD)["PageWatch"]["Properties"]
        monkeypatch.setenv("PAGE_URL", page.url)
        monkeypatch.setenv("INVENTORY_PARAMETER", page_watch.parameter_name(PROD))
        self.code: dict[str, Any] = {"__name__": "index"}
        exec(compile(properties["Code"]["ZipFile"], "index.py", "exec"), self.code)
        self.code["time"] = SimpleNamespace(sleep=self._wait)

    def _wait(self, duration_s: float) -> None:
        self.waits_s.append(duration_s)
        if self.after_wait:
            self.after_wait()

    def run(self) -> None:
        self.code["handler"]({}, None)


@pytest.fixture
def function(page: PageServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    with mock_aws():
        publish(page.inventory, PROD, Aws())
        yield Function(page, monkeypatch)


def test_the_function_logs_a_match_and_does_not_wait(function: Function, capsys: pytest.CaptureFixture[str]):
    function.run()
    assert json.loads(capsys.readouterr().out) == {"message": "payment page matches", "differences": []}
    assert function.waits_s == []


def test_the_function_fails_with_the_differences(
    function: Function, page: PageServer, capsys: pytest.CaptureFixture[str]
):
    page.files["/checkout.js"].body += b"\nsteal();"
    with pytest.raises(Exception, match=r"/checkout\.js has the hash"):
        function.run()
    assert json.loads(capsys.readouterr().out)["message"] == "payment page differs"
    assert function.waits_s == [60]


def test_a_page_that_is_being_uploaded_raises_no_alarm(function: Function, page: PageServer):
    """A deployment uploads the page and then its inventory."""
    page.files["/checkout.js"].body += b"\nnewVersion();"
    function.after_wait = page.restore
    function.run()
    assert function.waits_s == [60]


def test_the_function_fails_without_an_inventory(function: Function):
    withdraw(PROD, Aws())
    withdraw(PROD, Aws())  # idempotent
    with pytest.raises(boto3.client("ssm").exceptions.ClientError, match="ParameterNotFound"):
        function.run()
