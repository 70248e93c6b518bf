"""A small proxy that shows a game below a path, as a host's web server does: takes the path away,
passes the Host header on, says for whom it asks, buffers nothing."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding")
PIECE = 65536  # bytes


@contextmanager
def below(path: str, port: int) -> Iterator[str]:
    """The address under which the game of that port is shown."""

    class Passing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != path and not self.path.startswith((f"{path}/", f"{path}?")):
                self.send_error(404)
                return
            sent = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            headers["X-Forwarded-For"] = self.client_address[0]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            try:
                connection.request(self.command, self.path[len(path) :] or "/", sent, headers)
                answer = connection.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.end_headers()
                while piece := answer.read1(PIECE):
                    self.wfile.write(piece)
                    self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                pass  # the browser has left
            finally:
                connection.close()

        do_POST = do_GET

        def log_message(self, format: str, *values: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{path}/"
    finally:
        server.shutdown()
        server.server_close()
