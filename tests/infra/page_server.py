"""A server of the checkout site, as CloudFront serves it, whose files a test can change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from infra.deploy.page_inventory import Inventory, page_inventory
from infra.deploy.site_objects import site_objects
from infra.sites import CHECKOUT, Addresses
from infra.template.edge import page_headers


@dataclass
class Served:
    """A response."""

    body: bytes
    headers: dict[str, str]
    status: int = 200


@dataclass
class PageServer:
    """The site at ``url``. ``files`` are its responses by path."""

    url: str = ""
    files: dict[str, Served] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> Addresses:
        """The addresses with which the page is built."""
        return Addresses(api_url=self.url, checkout_url=self.url)

    @property
    def inventory(self) -> Inventory:
        """The inventory of the unchanged page."""
        return page_inventory(self.addresses, page_headers(CHECKOUT))

    def restore(self) -> None:
        """Serve the unchanged files."""
        for each in site_objects(CHECKOUT, self.addresses):
            encoding = {"Content-Encoding": each.content_encoding} if each.content_encoding else {}
            headers = page_headers(CHECKOUT) | {"Content-Type": each.content_type} | encoding
            self.files[f"/{each.key}"] = Served(each.body, headers)


@contextmanager
def page_server() -> Iterator[PageServer]:
    """Serve the checkout on a free port of this machine."""
    server = PageServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append(self.path)
            found = server.files.get(self.path) or Served(b"", {}, 404)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_port}"
        server.restore()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
