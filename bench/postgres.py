#!/usr/bin/env python3
"""A server on PostgreSQL: CPU time of both per request, and statements per request.

    bench/postgres.py [--binary build/release/bin/tarn] [--seconds 5] [--clients 1,16,64]

Starts PostgreSQL and the server on empty folders, and lets wrk send presigned S3 requests of 4 KiB objects to one
branch and to 64 branches in turn. Statements are those of pg_stat_statements.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from support.clients import KeptConnection, s3_client  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.server import PROJECT, Server  # noqa: E402
from support.stores import PostgresDatabase, Stores  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
BRANCHES, KEYS = 64, 32
LUA = """
local targets, n = {}, 0
for line in io.lines("%(targets)s") do n = n + 1; targets[n] = line end
local at = 0
request = function() at = at %% n + 1; return wrk.format("%(method)s", targets[at], nil, %(body)s) end
done = function(summary, latency)
  io.write(string.format("RESULT %%d %%d\\n", summary.requests, summary.errors.status))
end
"""


def stat(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def cpu_seconds(pid):
    """Of a process, its children that run, and those that have ended."""
    ticks = sum(map(int, stat(pid)[11:15]))
    for child in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = stat(child.name)
        except OSError:
            continue
        if int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


class Bench:
    def __init__(self, folder, seconds):
        self.folder, self.seconds = folder, seconds
        self.postgres = Postgres({"fsync": "on", "shared_buffers": "512MB", "max_wal_size": "4GB"}).start()
        self.database = PostgresDatabase(self.postgres)
        self.database.sql("CREATE EXTENSION pg_stat_statements")
        self.server = Server({"TARN_LOGGING_LEVEL": "warning"}, stores=Stores("postgres+local", kv=self.database))
        self.server.start().set_up()
        self.rest, self.s3 = KeptConnection(self.server), s3_client(self.server)

    def call(self, method, path, body):
        status, answer = self.rest.call(method, path, body)
        assert status < 300, answer

    def fill(self):
        self.call("POST", "/repositories", {"name": "bench", "storage_namespace": "local://bench"})
        for number in range(BRANCHES):
            self.call("POST", "/repositories/bench/branches", {"name": f"b{number}", "source": "main"})
            self.s3.put_object(Bucket="bench", Key=f"b{number}/staged", Body=b"x" * 4096)

    def targets(self, method, branches, keys):
        path = self.folder / f"{method}-{branches}-{keys}"
        if not path.exists():
            urls = [self.s3.generate_presigned_url(
                method.lower() + "_object", {"Bucket": "bench", "Key": f"b{branch}/{key}"}, 3600)
                for key in ([f"k{i}" for i in range(keys)] if keys else ["staged"]) for branch in range(branches)]
            path.write_text("".join(url.removeprefix(self.server.endpoint) + "\n" for url in urls))
        return path

    def statements(self):
        return int(self.database.sql("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements "
                                     "WHERE query !~ 'pg_stat_statements'")[0][0])

    def run(self, name, method, branches, keys, clients):
        script = self.folder / "load.lua"
        body = 'string.rep("x", 4096)' if method == "PUT" else "nil"
        script.write_text(LUA % {"targets": self.targets(method, branches, keys), "method": method, "body": body})
        command = ["wrk", "-t1", f"-c{clients}", "-s", str(script), self.server.endpoint]
        subprocess.run(command[:1] + ["-d1s"] + command[1:], capture_output=True, check=True)
        pids = self.server.process.pid, self.postgres.process.pid
        before, statements = [cpu_seconds(pid) for pid in pids], self.statements()
        answer = subprocess.run(command[:1] + [f"-d{self.seconds}s"] + command[1:], capture_output=True, text=True, check=True)
        after, statements = [cpu_seconds(pid) for pid in pids], self.statements() - statements
        requests, errors = map(int, re.search(r"RESULT (\d+) (\d+)", answer.stdout).groups())
        assert errors == 0, answer.stdout
        server, postgres = [(b - a) / requests * 1e6 for a, b in zip(before, after)]
        print(f"{name:34} {clients:3} clients  {requests / self.seconds:8.0f}/s  server {server:6.1f} us  PostgreSQL {postgres:6.1f} us"
              f"  {statements / requests:5.2f} statements", flush=True)

    def discard(self):
        self.server.discard()
        self.postgres.discard()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(PROJECT / "build/release/bin/tarn"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", default="1,16,64")
    options = parser.parse_args()
    os.environ["TARN_BINARY"] = options.binary
    with tempfile.TemporaryDirectory(prefix="tarn-bench-") as folder:
        bench = Bench(pathlib.Path(folder), options.seconds)
        try:
            bench.fill()
            for clients in map(int, options.clients.split(",")):
                for branches in (1, BRANCHES):
                    where = "one branch" if branches == 1 else f"{branches} branches"
                    bench.run(f"GET 4 KiB, staged, {where}", "GET", branches, 0, clients)
                    bench.run(f"PUT 4 KiB, {where}", "PUT", branches, KEYS * BRANCHES // branches, clients)
        finally:
            bench.discard()


if __name__ == "__main__":
    main()
