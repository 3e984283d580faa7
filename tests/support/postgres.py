"""A real PostgreSQL 15 on a free loopback port, in a folder of its own, as a user that is not root."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

from support.ports import free_port

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
USER = "postgres"

# Tests stop and kill the database, never the machine below it: nothing is gained by syncing files.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "200",
    "shared_buffers": "64MB", "shared_preload_libraries": "pg_stat_statements", "timezone": "UTC",
}


def as_user(command):
    """The command for a process that is not root's and ends with ours, whatever becomes of us."""
    wrapper = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        wrapper += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*wrapper, *map(str, command)]


class Postgres:
    """Starts, stops and kills one database server; `discard` removes its folder."""

    def __init__(self, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tarn-test-postgres-"))
        self.data, self.log_path = self.folder / "data", self.folder / "log"
        self.port, self.process = free_port(), None
        self.settings = SETTINGS | (settings or {})
        self.adopt(self.folder)
        subprocess.run(
            as_user([BINARIES / "initdb", "-D", self.data, "-U", "tarn", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]),
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def adopt(self, path):
        """Makes a file or folder of the tests the database's own."""
        if os.geteuid() == 0:
            shutil.chown(path, USER)

    def url(self, database="postgres"):
        return f"postgresql://tarn@127.0.0.1:{self.port}/{database}"

    def start(self, seconds=30):
        command = [BINARIES / "postgres", "-D", self.data, "-p", self.port]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(as_user(command), stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + seconds
        ready = [BINARIES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log_path.read_text(errors='replace')}")
            time.sleep(0.02)
        return self

    def stop(self, how=signal.SIGINT):
        """SIGINT ends all sessions and writes a checkpoint, SIGQUIT neither (recovery follows)."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def discard(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, statement, database="postgres"):
        """Rows of text columns, as psql prints them unaligned."""
        answer = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", statement],
            capture_output=True, text=True, timeout=300)
        if answer.returncode != 0:
            raise RuntimeError(answer.stderr)
        return [line.split("\t") for line in answer.stdout.splitlines()]

    def create_database(self):
        """The name of a new, empty database."""
        name = "t" + uuid.uuid4().hex[:16]
        self.sql(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name):
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def terminate_connections(self, database):
        """Ends every session of a database from the server's side; their number."""
        rows = self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        return len(rows)
