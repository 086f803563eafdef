"""A merchant's website, on another origin than the checkout."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.threaded_server import ThreadedServer

HOST = "127.0.0.1"


class MerchantSite(ThreadedServer):
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

        super().__init__(ThreadingHTTPServer((HOST, 0), Handler), "merchant site")
        self.other_url = f"http://{HOST}:{self.port}"  # the same pages on another origin

    def put(self, path: str, page: str) -> str:
        """Serve `page` at `path` and return its URL."""
        self._pages[path] = page.encode()
        return self.url + path
