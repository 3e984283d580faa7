"""An HTTP proxy in front of the S3 server that fails on purpose."""

import collections
import http.client
import http.server
import socket
import struct
import threading
import time

SLOW_DOWN = b"<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>on purpose</Message></Error>"
INTERNAL = b"<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>on purpose</Message></Error>"


class FaultyProxy:
    """Passes requests on to `port`, but for those that `choose(method, path, size)` names a fault for:

    "500", "503"  answered so, and not passed on
    "reset"       the connection is reset in the middle of the request's body, or before an answer without one
    "lost"        passed on, and the connection reset instead of the answer
    "cut"         passed on, and the connection reset in the middle of the answer's body
    "slow"        passed on after a while
    """

    def __init__(self, port, choose=lambda method, path, size: None):
        self.target, self.choose = port, choose
        self.done = collections.Counter()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                proxy.handle(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, address):
                pass  # connections end as they like here

        self.server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, client):
        size = int(client.headers.get("Content-Length") or 0)
        fault = self.choose(client.command, client.path, size)
        self.done[fault] += 1
        if fault == "reset":
            client.rfile.read(size // 2)
            return self.reset(client)
        body = client.rfile.read(size)
        if fault in ("500", "503"):
            return self.answer(client, int(fault), [], SLOW_DOWN if fault == "503" else INTERNAL)
        if fault == "slow":
            time.sleep(0.5)
        try:
            status, headers, content = self.pass_on(client, body)
        except (OSError, http.client.HTTPException):
            return self.reset(client)
        if fault == "lost":
            return self.reset(client)
        self.answer(client, status, headers, content, len(content) // 2 if fault == "cut" else None)

    def pass_on(self, client, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=30)
        connection.putrequest(client.command, client.path, skip_host=True, skip_accept_encoding=True)
        for name, value in client.headers.items():
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), content

    def answer(self, client, status, headers, content, cut=None):
        client.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                client.send_header(name, value)
        told = dict((name.lower(), value) for name, value in headers).get("content-length")
        length = told if client.command == "HEAD" and told is not None else len(content)
        if status != 204:
            client.send_header("Content-Length", str(length))
        client.end_headers()
        if client.command != "HEAD":
            client.wfile.write(content if cut is None else content[:cut])
        client.wfile.flush()
        if cut is not None:
            self.reset(client)

    def reset(self, client):
        client.close_connection = True
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connection.close()
