"""A web server on this machine that sends one content, can be cut off and notes each request."""

import contextlib
import http.server
import threading


class Server(http.server.BaseHTTPRequestHandler):
    """Sends the server's `content`; cuts the first answer after `cut` bytes; knows ranges."""

    def do_HEAD(self):
        self.send_response(self.server.status)
        self.end_headers()

    def do_GET(self):
        content, start = self.server.content, 0
        asked = self.headers.get("Range") if self.server.ranges else None
        self.server.requests.append(asked)
        if asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if asked else self.server.status)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop = self.server.cut or len(content)
        self.server.cut = None
        self.wfile.write(content[start:stop])

    def log_message(self, *_):
        """Quiet."""


@contextlib.contextmanager
def serving(content):
    """A server on this machine that sends the content, whole, and notes what it is asked for."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as one:
        one.content, one.cut, one.ranges, one.status, one.requests = content, None, 1, 200, []
        threading.Thread(target=one.serve_forever, daemon=True).start()
        one.url = f"http://127.0.0.1:{one.server_port}/archive.tar.gz"
        yield one
        one.shutdown()
