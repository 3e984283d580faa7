#!/usr/bin/env python3
"""One large object up and down through the S3 store: CPU time and peak memory of the server.

    bench/s3_transfer.py [--binary build/release/bin/tarn] [--mebibytes 1024] [--uploads 1] [--keep-alive]

Starts versitygw and the server on empty folders, puts the object (several at once with --uploads), reads it back,
compares it, and prints seconds of CPU per GiB of the server and of versitygw, and the server's peak memory.
The upload is unsigned (UNSIGNED-PAYLOAD), as most clients send it over TLS.
"""

import argparse
import hashlib
import http.client
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import cpu_seconds, memory_mib  # noqa: E402
from support.clients import Rest  # noqa: E402
from support.server import Server  # noqa: E402
from support.sigv4 import Signer  # noqa: E402
from support.stores import S3Blocks, Stores  # noqa: E402
from support.versitygw import Versitygw  # noqa: E402

PIECE = 1024 * 1024
BLOCK = os.urandom(PIECE)


def pieces(count):
    for number in range(count):
        yield number.to_bytes(8, "big") + BLOCK[8:]


def connect(server, method, path):
    host = f"127.0.0.1:{server.port}"
    connection = http.client.HTTPConnection(host, timeout=600, blocksize=PIECE)
    headers = Signer(server.access_key, server.secret_key).headers(method, host, path, "")
    return connection, headers


def put(server, key, count):
    connection, headers = connect(server, "PUT", f"/bench/main/{key}")
    connection.request("PUT", f"/bench/main/{key}", pieces(count), headers | {"Content-Length": str(count * PIECE)})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()


def get(server, key, count):
    connection, headers = connect(server, "GET", f"/bench/main/{key}")
    connection.request("GET", f"/bench/main/{key}", headers=headers)
    answer = connection.getresponse()
    expected, found = hashlib.blake2b(), hashlib.blake2b()
    for piece in pieces(count):
        expected.update(piece)
    while piece := answer.read(PIECE):
        found.update(piece)
    assert answer.status == 200 and found.digest() == expected.digest(), "other bytes came back"


def measure(server, store, name, work, count, times):
    cpu = cpu_seconds(server.process), cpu_seconds(store.process)
    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(server, f"large-{n}", count)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, gib = time.monotonic() - began, count * times / 1024
    print(f"{name:6} {(cpu_seconds(server.process) - cpu[0]) / gib:6.2f} s CPU/GiB of the server, "
          f"{(cpu_seconds(store.process) - cpu[1]) / gib:6.2f} of versitygw, {wall:7.2f} s, "
          f"peak {memory_mib(server.process, 'VmHWM'):.0f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary")
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--uploads", type=int, default=1)
    parser.add_argument("--keep-alive", action="store_true")
    options = parser.parse_args()
    if options.binary:
        os.environ["TARN_BINARY"] = options.binary
    store = Versitygw(["--keep-alive"] if options.keep_alive else []).start()
    server = Server(stores=Stores("rocksdb+s3", blocks=S3Blocks(store))).start().set_up()
    try:
        body = {"name": "bench", "storage_namespace": server.namespace("bench")}
        status, answer = Rest(server).call("POST", "/repositories", body)
        assert status == 201, answer
        print(f"idle: {memory_mib(server.process, 'VmRSS'):.0f} MiB")
        measure(server, store, "up", put, options.mebibytes, options.uploads)
        measure(server, store, "down", get, options.mebibytes, options.uploads)
    finally:
        server.discard()
        store.discard()


if __name__ == "__main__":
    main()
