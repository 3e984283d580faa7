"""The recorded conversations of lakeFS against the real binary."""

import collections
import json
import pathlib
import subprocess
import sys

import pytest

from support.server import Server, shared_folder
from support.stores import IMPORTS

RECORDINGS = shared_folder("TARN_CONFORMANCE_DIR", "conformance")
EXCEPTIONS = pathlib.Path(__file__).with_name("conformance_exceptions.txt")

pytestmark = pytest.mark.skipif(RECORDINGS is None, reason="the recordings are absent: set TARN_CONFORMANCE_DIR")


def exceptions():
    """Scenario or folder -> why it is not expected to pass yet."""
    lines = EXCEPTIONS.read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def groups(fresh):
    """The scenarios of a folder that are about one store, or about none; each for itself where the server is fresh."""
    found, known = collections.defaultdict(list), exceptions()
    for path in sorted(RECORDINGS.glob("*/*/*.json")) if RECORDINGS else []:
        folder, name = path.parent.relative_to(RECORDINGS).as_posix(), path.relative_to(RECORDINGS).with_suffix("").as_posix()
        needs = json.loads(path.read_text()).get("needs", {})
        if folder.startswith("cli/") or bool(needs.get("fresh")) != fresh:
            continue
        [store] = needs.get("store", [""])
        group = name if fresh or name in known else folder
        found[group, store].append(name + ".json")
    for (group, store), paths in found.items():
        marks = [pytest.mark.only_on(store)] if store else []
        marks += [pytest.mark.skip(reason=known[group])] if group in known else []
        yield pytest.param(paths, id=f"{group}-{store}" if store else group, marks=marks)


@pytest.fixture(scope="module")
def recorded():
    running = Server(IMPORTS).start().set_up()
    yield running
    running.discard()


def replay(server, *arguments):
    """Sends the conversations; every one must be sent, and every answer as recorded."""
    command = [sys.executable, str(RECORDINGS / "replay.py"), "--endpoint", server.endpoint,
               "--access-key", server.access_key, "--secret-key", server.secret_key,
               "--namespace", server.namespace("conformance"), "--store", server.stores.blocks.kind, *arguments]
    answer = subprocess.run(command, cwd=RECORDINGS, capture_output=True, text=True, timeout=900)
    assert answer.returncode == 0, answer.stdout[-8000:] + answer.stderr[-2000:]
    assert answer.stdout.endswith(" 0 failed, 0 skipped\n"), answer.stdout[-8000:]


@pytest.mark.parametrize("scenarios", list(groups(fresh=False)))
def test_recorded_conversations_hold(recorded, scenarios):
    replay(recorded, *scenarios)


@pytest.mark.parametrize("scenarios", list(groups(fresh=True)))
def test_recorded_conversations_hold_on_a_fresh_server(scenarios):
    server = Server(IMPORTS).start()
    try:
        replay(server, "--fresh", *scenarios)
    finally:
        server.discard()
