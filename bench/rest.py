#!/usr/bin/env python3
"""CPU time of a running server per REST request: stat, list, diff, branch, small upload.

    bench/rest.py [--binary build/release/bin/tarn] [--requests 500]

Each line is the server's CPU time over all requests of one kind, sent one after another on one connection. A page
of 1,000 differences is asked for twice: side by side, and with nine equal objects between any two. Trees are compared
on worker threads; the loop that owns the connection decodes the entries found, encodes the page and sends it.
"""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from server import Meter, thread_seconds  # noqa: E402
from support.clients import KeptConnection  # noqa: E402
from support.server import PROJECT, Server  # noqa: E402

ROOT = "/repositories/bench"


class Client(KeptConnection):
    def upload(self, path, body):
        headers = self.headers | {"Content-Type": "application/octet-stream"}
        self.connection.request("POST", f"/api/v1{ROOT}/branches/main/objects?path={path}", body, headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 201, answer.status

    def need(self, status, method, path, body=None):
        answer = self.call(method, path, body)
        assert answer[0] == status, answer
        return answer[1]


def fill(client):
    """11,000 committed objects on main; on dev each tenth of f/ and all of g/ changed."""
    client.need(201, "POST", "/repositories", {"name": "bench", "storage_namespace": "local://bench"})
    entry = {"physical_address": "local://bench/data/p/x", "checksum": f"{0:032x}", "size_bytes": 1}
    sparse = [f"f/{number:05}" for number in range(10_000)]
    dense = [f"g/{number:05}" for number in range(1_000)]
    for path in sparse + dense:
        client.need(201, "PUT", f"{ROOT}/branches/main/objects?path={path}", entry)
    client.need(201, "POST", f"{ROOT}/branches/main/commits", {"message": "all"})
    client.need(201, "POST", f"{ROOT}/branches", {"name": "dev", "source": "main"})
    for path in sparse[::10] + dense:
        client.need(201, "PUT", f"{ROOT}/branches/dev/objects?path={path}", entry | {"checksum": f"{1:032x}"})
    client.need(201, "POST", f"{ROOT}/branches/dev/commits", {"message": "some"})


def measure(server, client, requests):
    pages = max(1, requests // 5)
    with Meter(server, "stat", requests):
        for number in range(requests):
            client.need(200, "GET", f"{ROOT}/refs/main/objects/stat?path=f/{number % 10_000:05}")
    with Meter(server, "list of 1,000", pages):
        for _ in range(pages):
            client.need(200, "GET", f"{ROOT}/refs/main/objects/ls?amount=1000&prefix=f/")
    for name, prefix in (("diff of 1,000", "g/"), ("diff of 1,000 among 10,000", "f/")):
        with Meter(server, name, pages):
            walked = thread_seconds(server.process, "worker-")
            for _ in range(pages):
                client.need(200, "GET", f"{ROOT}/refs/main/diff/dev?amount=1000&prefix={prefix}")
            walked = thread_seconds(server.process, "worker-") - walked
        print(f"    of these {walked / pages * 1e6:.0f} us comparing; the rest is encoding and sending")
    with Meter(server, "branch create", requests):
        for number in range(requests):
            client.need(201, "POST", f"{ROOT}/branches", {"name": f"b{number}", "source": "main"})
    body = os.urandom(4096)
    with Meter(server, "upload of 4 KiB", requests):
        for number in range(requests):
            client.upload(f"u/{number}", body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(PROJECT / "build/release/bin/tarn"))
    parser.add_argument("--requests", type=int, default=500)
    options = parser.parse_args()
    os.environ["TARN_BINARY"] = options.binary
    server = Server().start().set_up()
    try:
        client = Client(server)
        fill(client)
        measure(server, client, options.requests)
    finally:
        server.discard()


if __name__ == "__main__":
    main()
