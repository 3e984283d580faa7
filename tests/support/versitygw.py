"""A real S3 server, versitygw, over a folder of its own: its buckets are folders in it."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from support.ports import free_port

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ACCESS_KEY = "AKIATARNBLOCKSTEST01"
SECRET_KEY = "blocksOfTheTests+/0123456789abcdefghijkl"


def program():
    """TARN_VERSITYGW, or what scripts/setup has installed."""
    path = pathlib.Path(os.environ.get("TARN_VERSITYGW", PROJECT / ".venv/bin/versitygw"))
    if not path.exists():
        raise RuntimeError(f"{path} does not exist; run scripts/setup first")
    return str(path)


class Versitygw:
    """Starts, stops and kills one S3 server; its folder stays until `discard`."""

    def __init__(self, arguments=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tarn-s3-"))
        (self.folder / "buckets").mkdir()
        self.arguments = list(arguments)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.buckets = 0

    def start(self, seconds=60):
        command = [program(), "--access", ACCESS_KEY, "--secret", SECRET_KEY, "--quiet",
                   "--port", f"127.0.0.1:{self.port}", *self.arguments,
                   "posix", str(self.folder / "buckets")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("versitygw does not listen:\n" + (self.folder / "log").read_text())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def new_bucket(self):
        self.buckets += 1
        name = f"lake-{os.getpid()}-{self.buckets}"
        (self.folder / "buckets" / name).mkdir()
        return name

    def settings(self, endpoint=None):
        """What a Tarn server's environment says of it; `endpoint`: of a proxy in front."""
        return {
            "TARN_BLOCKSTORE_TYPE": "s3",
            "TARN_BLOCKSTORE_S3_ENDPOINT": endpoint or self.endpoint,
            "TARN_BLOCKSTORE_S3_FORCE_PATH_STYLE": "true",
            "TARN_BLOCKSTORE_S3_CREDENTIALS_ACCESS_KEY_ID": ACCESS_KEY,
            "TARN_BLOCKSTORE_S3_CREDENTIALS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def discard(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
