"""A real Tarn server on a free loopback port, in a folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from support.clients import Rest
from support.ports import free_port
from support.stores import Stores

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ACCESS_KEY = "AKIAIOSFDNN7EXAMPLEQ"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def binary():
    """The program under test: TARN_BINARY, or the release build."""
    path = pathlib.Path(os.environ.get("TARN_BINARY", PROJECT / "build/release/bin/tarn"))
    if not path.exists():
        raise RuntimeError(f"{path} does not exist; run scripts/build first")
    return str(path)


def shared_folder(variable, name):
    """A folder of recordings beside the project, or where the variable says; None when absent."""
    path = pathlib.Path(os.environ.get(variable, PROJECT.parent / "shared" / name))
    return path if path.exists() else None


class Server:
    """Starts, stops and kills one server process; its data folder and stores stay until `discard`.

    `stores` is a pair by name, or the Stores of somebody who discards them; None: those under test.
    """

    def __init__(self, settings=None, arguments=(), folder=None, stores=None):
        self.owns_stores = not isinstance(stores, Stores)
        self.stores = Stores(stores) if self.owns_stores else stores
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tarn-test-"))
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.access_key, self.secret_key = ACCESS_KEY, SECRET_KEY
        self.settings = dict(settings or {})
        self.arguments = list(arguments)
        self.process = None
        self.log_path = self.folder / "server.log"

    def environment(self):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "LAKEFS_"))}
        return inherited | {
            "HOME": str(self.folder),
            "TZ": "UTC",
            "TARN_LISTEN_ADDRESS": f"127.0.0.1:{self.port}",
            "TARN_DATA_FOLDER": str(self.folder / "data"),
        } | self.stores.settings | self.settings

    def namespace(self, name):
        """A storage namespace in the object store."""
        return self.stores.blocks.namespace(name)

    def start(self, seconds=120):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", *self.arguments], env=self.environment(), stdout=log, stderr=log)
        self.wait_until_healthy(seconds)
        return self

    def wait_until_healthy(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            try:
                with urllib.request.urlopen(self.endpoint + "/_health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        raise RuntimeError(f"the server was not healthy within {seconds} s:\n{self.log()}")

    def set_up(self):
        """Creates the administrator with the fixed key of the tests."""
        body = {"username": "admin",
                "key": {"access_key_id": self.access_key, "secret_access_key": self.secret_key}}
        request = urllib.request.Request(
            self.endpoint + "/api/v1/setup_lakefs", json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30):
            return self

    def make_repository(self, name, branches=(), query="", **more):
        """A new repository with `main` and these branches; its name."""
        rest = Rest(self)
        status, answer = rest.call(
            "POST", "/repositories" + query, {"name": name, "storage_namespace": self.namespace(name)} | more)
        assert status == 201, answer
        for branch in branches:
            status, answer = rest.call("POST", f"/repositories/{name}/branches", {"name": branch, "source": "main"}, raw=True)
            assert status == 201, answer
        return name

    def command(self, *arguments, **settings):
        """Runs a command of the program in the environment of this server."""
        return subprocess.run([binary(), *arguments], env=self.environment() | settings,
                              capture_output=True, text=True, timeout=60)

    def stop(self, seconds=40):
        """Ends the server as an operator would; its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def discard(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.owns_stores:
            self.stores.discard()
