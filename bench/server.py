#!/usr/bin/env python3
"""CPU time of a running server per operation: lists, and the commit of many staged entries.

    bench/server.py [--binary build/release/bin/tarn] [--entries 100000] [--lists 200]

Starts the server on an empty folder, stages entries over REST, commits them, lists them through REST and
S3, and prints microseconds of the server's CPU per operation and its peak memory. What it lacks (small and
large objects, branches, commits of few changes) belongs to a load driver that also measures a peer.
"""

import argparse
import concurrent.futures
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from support.clients import KeptConnection  # noqa: E402
from support.server import PROJECT, Server  # noqa: E402
from support.sigv4 import S3Connection  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def thread_seconds(process, name):
    """CPU time of the threads whose name begins so."""
    folder = pathlib.Path(f"/proc/{process.pid}/task")
    chosen = [task for task in folder.iterdir() if (task / "comm").read_text().startswith(name)]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in chosen) / 1e9


def memory_mib(process, field):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {field}")


class Meter:
    """Prints the server's CPU time of a block, per operation."""

    def __init__(self, server, name, operations):
        self.server, self.name, self.operations = server, name, operations

    def __enter__(self):
        self.cpu, self.start = cpu_seconds(self.server.process), time.monotonic()

    def __exit__(self, *failure):
        cpu, wall = cpu_seconds(self.server.process) - self.cpu, time.monotonic() - self.start
        print(f"{self.name:34} {cpu / self.operations * 1e6:12.1f} us CPU each  {cpu:8.2f} s CPU  {wall:8.2f} s  "
              f"peak {memory_mib(self.server.process, 'VmHWM'):6.0f} MiB", flush=True)


def stage(server, first, last):
    rest = KeptConnection(server)
    for number in range(first, last):
        status, answer = rest.call(
            "PUT", f"/repositories/bench/branches/main/objects?path=part-{number % 100:02}/file-{number:07}",
            {"physical_address": f"local://bench/data/p/{number}", "checksum": f"{number:032x}", "size_bytes": number})
        assert status == 201, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(PROJECT / "build/release/bin/tarn"))
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--lists", type=int, default=200)
    options = parser.parse_args()
    os.environ["TARN_BINARY"] = options.binary

    server = Server().start().set_up()
    print(f"idle: {memory_mib(server.process, 'VmRSS'):.1f} MiB resident")
    rest, s3 = KeptConnection(server), S3Connection(server)
    status, answer = rest.call("POST", "/repositories", {"name": "bench", "storage_namespace": "local://bench"})
    assert status == 201, answer

    lanes, share = 8, options.entries // 8
    with Meter(server, "stage", share * lanes):
        with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
            list(pool.map(lambda lane: stage(server, lane * share, (lane + 1) * share), range(lanes)))
    with Meter(server, f"commit of {share * lanes} entries", 1):
        status, answer = rest.call("POST", "/repositories/bench/branches/main/commits", {"message": "all"})
        assert status == 201, answer
    with Meter(server, "REST list of 1,000", options.lists):
        for _ in range(options.lists):
            status, _ = rest.call("GET", "/repositories/bench/refs/main/objects/ls?amount=1000&after=part-50/")
            assert status == 200
    with Meter(server, "S3 list of 1,000", options.lists):
        for _ in range(options.lists):
            status, _ = s3.call("GET", "bench", {"list-type": "2", "prefix": "main/part-50/"})
            assert status == 200
    with Meter(server, "stage + commit", options.lists):
        for number in range(options.lists):
            stage(server, 10_000_000 + number, 10_000_001 + number)
            status, answer = rest.call("POST", "/repositories/bench/branches/main/commits", {"message": "one"})
            assert status == 201, answer
    server.discard()


if __name__ == "__main__":
    main()
