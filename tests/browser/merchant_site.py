"""A merchant's website, on another origin than the checkout."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HOST = "127.0.0.1"


class MerchantSite:
    """A server for pages that tests add; a context manager."""

    def __init__(self) -> None:
        self._pages: dict[str, bytes] = {}
        pages = self._pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                page = pages.get(path)
                self.send_response(404 if page is None else 200)
                self.send_header(
                    "Content-Type", "text/javascript" if path.endswith("js") else "text/html; charset=utf-8"
                )
                self.send_header("Content-Length", str(len(page or b"")))
                self.end_headers()
                self.wfile.write(page or b"")

            def log_message(self, *_arguments: object) -> None:
                """No-op."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="merchant site", daemon=True)
        self.port: int = self._server.server_port
        self.url = f"http://localhost:{self.port}"
        self.other_url = f"http://{HOST}:{self.port}"  # the same pages on another origin

    def put(self, path: str, page: str) -> str:
        """Serve `page` at `path` and return its URL."""
        self._pages[path] = page.encode()
        return self.url + path

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
