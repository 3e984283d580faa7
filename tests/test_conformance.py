"""The recorded conversations of lakeFS against the real binary."""

import pathlib
import re
import subprocess
import sys
import tempfile

import pytest

from support import stores
from support.server import Server, shared_folder

RECORDINGS = shared_folder("TARN_CONFORMANCE_DIR", "conformance")
HERE = pathlib.Path(__file__).parent


def exceptions():
    """Scenario -> why it is not expected to pass yet, from conformance_exceptions.txt."""
    lines = (HERE / "conformance_exceptions.txt").read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def folders():
    if RECORDINGS is None:
        return []
    # What needs an S3 store has tests of its own in test_s3_blocks.py.
    skipped = {"actions", "presign"}
    return [f"rest/{f.name}" for f in sorted((RECORDINGS / "rest").iterdir())
            if f.is_dir() and f.name not in skipped] + \
           [f"s3/{f.name}" for f in sorted((RECORDINGS / "s3").iterdir()) if f.is_dir()]


# The recorded server's configuration: imports from the temporary folder.
SETTINGS = {"TARN_BLOCKSTORE_LOCAL_IMPORT_ENABLED": "true",
            "TARN_BLOCKSTORE_LOCAL_ALLOWED_EXTERNAL_PREFIXES": tempfile.gettempdir()}


@pytest.fixture(scope="module")
def recorded():
    running = Server(SETTINGS).start().set_up()
    yield running
    running.discard()


def replay(server, *arguments):
    command = [sys.executable, str(RECORDINGS / "replay.py"), "--endpoint", server.endpoint,
               "--access-key", server.access_key, "--secret-key", server.secret_key,
               "--namespace", server.namespace("conformance"),
               "--store", stores.NAMES.split("+")[1], *arguments]
    return subprocess.run(command, cwd=RECORDINGS, capture_output=True, text=True, timeout=900)


def is_fresh(path):
    return re.search(r'"fresh"\s*:\s*true', path.read_text()) is not None


@pytest.mark.skipif(RECORDINGS is None, reason="the recordings are absent: set TARN_CONFORMANCE_DIR")
@pytest.mark.parametrize("folder", folders())
def test_recorded_conversations_hold(recorded, folder):
    known = exceptions()
    wanted = [p for p in sorted((RECORDINGS / folder).glob("*.json")) if not is_fresh(p)]
    paths = [str(p.relative_to(RECORDINGS)) for p in wanted
             if str(p.relative_to(RECORDINGS).with_suffix("")) not in known]
    if not paths:
        pytest.skip("all want a fresh server or are named as exceptions")

    answer = replay(recorded, *paths)

    assert answer.returncode == 0, answer.stdout[-8000:] + answer.stderr[-2000:]


def fresh_scenarios():
    if RECORDINGS is None:
        return []
    return [str(p.relative_to(RECORDINGS)) for p in sorted((RECORDINGS / "rest").rglob("*.json")) if is_fresh(p)]


@pytest.mark.skipif(RECORDINGS is None, reason="the recordings are absent: set TARN_CONFORMANCE_DIR")
@pytest.mark.parametrize("scenario", fresh_scenarios())
def test_recorded_conversations_hold_on_a_fresh_server(scenario):
    if scenario.removesuffix(".json") in exceptions():
        pytest.skip(exceptions()[scenario.removesuffix(".json")])
    server = Server(SETTINGS).start()
    try:
        answer = replay(server, "--fresh", scenario)
    finally:
        server.discard()

    assert answer.returncode == 0, answer.stdout[-8000:] + answer.stderr[-2000:]
