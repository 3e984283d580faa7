"""Ends a server by kill -9 between any two steps of a write, a commit and a merge.

Needs a build with failure points (presets dev and asan); src/base/failure_point.h says how they work. What is left is
looked at by the other server on the same stores, or, on an embedded store, by the same server started again.
"""

import signal
import time
import xml.etree.ElementTree

import pytest

from support.clients import Rest
from support.server import Server
from support.sigv4 import S3Connection
from support.stores import NAMES, Stores

pytestmark = pytest.mark.failure_points

COMMITTED = {"changed": b"old", "kept": b"kept", "removed": b"gone soon"}
THEIRS = COMMITTED | {"theirs": b"their change"}
OURS = COMMITTED | {"ours": b"our change"}


class Lake:
    """Reads and writes the repository through one server."""

    def __init__(self, server):
        self.server, self.rest, self.s3 = server, Rest(server), S3Connection(server)

    def api(self, method, path, body=None, expected=None):
        status, answer = self.rest.call(method, "/repositories/lake" + path, body)
        assert expected is None or status == expected, (status, answer)
        return status, answer

    def put(self, key, content):
        return self.s3.call("PUT", f"lake/{key}", body=content)

    def branch(self, name, source):
        status, answer = self.rest.call("POST", "/repositories/lake/branches", {"name": name, "source": source}, raw=True)
        assert status == 201, answer

    def contents(self, ref):
        found = {key: self.s3.call("GET", f"lake/{ref}/{key}") for key in self.s3.keys("lake", ref)}
        assert all(status == 200 for status, _ in found.values()), found
        return {key: body for key, (_, body) in found.items()}

    def history(self, branch):
        _, page = self.api("GET", f"/refs/{branch}/commits?first_parent=true&amount=1000", expected=200)
        commits = page["results"]
        for newer, older in zip(commits, commits[1:]):
            assert older["id"] == newer["parents"][0], commits
        return [commit["id"] for commit in commits]

    def head(self, branch):
        return self.api("GET", f"/branches/{branch}", expected=200)[1]["commit_id"]


class Put:
    source, committed, before = "base", COMMITTED, COMMITTED
    after = COMMITTED | {"new": b"n" * 4096}
    good, repeated = {200}, {200}

    def prepare(self, lake, branch):
        pass

    def act(self, lake, branch):
        return lake.put(f"{branch}/new", self.after["new"])


class Overwrite(Put):
    after = COMMITTED | {"changed": b"new"}

    def act(self, lake, branch):
        return lake.put(f"{branch}/changed", b"new")


class Remove(Put):
    after = {key: content for key, content in COMMITTED.items() if key != "removed"}
    good, repeated = {204}, {204}

    def act(self, lake, branch):
        return lake.s3.call("DELETE", f"lake/{branch}/removed")


class CompleteUpload(Put):
    after = COMMITTED | {"whole": b"part 1"}
    repeated = {200, 404}  # it is complete, and forgotten

    def prepare(self, lake, branch):
        self.key = f"lake/{branch}/whole"
        _, answer = lake.s3.call("POST", self.key, {"uploads": ""})
        self.upload = xml.etree.ElementTree.fromstring(answer).findtext("{*}UploadId")
        status, answer = lake.s3.call("PUT", self.key, {"partNumber": "1", "uploadId": self.upload}, b"part 1")
        assert status == 200, answer

    def act(self, lake, branch):
        tag = "7d3fedcaf1bbe1100d0d2b19f56cfdd4"
        parts = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
        return lake.s3.call("POST", self.key, {"uploadId": self.upload}, parts.encode())


class Commit(Put):
    before = after = {"changed": b"new", "kept": b"kept", "new": b"new"}
    committed_after = after
    good, repeated = {201}, {201, 400}  # no changes

    def prepare(self, lake, branch):
        for key in ("changed", "new"):
            assert lake.put(f"{branch}/{key}", b"new")[0] == 200
        assert lake.s3.call("DELETE", f"lake/{branch}/removed")[0] == 204

    def act(self, lake, branch):
        return lake.api("POST", f"/branches/{branch}/commits", {"message": "all"})


class Merge(Put):
    source = "ours"
    good, repeated = {200}, {200, 400}  # no changes

    def prepare(self, lake, branch):
        mine = {"mine": branch.encode()}  # so that every tree is a new one
        assert lake.put(f"{branch}/mine", mine["mine"])[0] == 200
        lake.api("POST", f"/branches/{branch}/commits", {"message": "mine"}, expected=201)
        self.before = self.committed = OURS | mine
        self.after = self.committed_after = OURS | THEIRS | mine

    def act(self, lake, branch):
        return lake.api("POST", f"/refs/theirs/merge/{branch}", {})


class Victim:
    """A server that dies at the step it is told, and who looks at what is left."""

    def __init__(self, folder):
        self.armed, self.stores = folder / "armed", Stores()
        shared = {"TARN_BLOCKSTORE_LOCAL_PATH": str(folder / "blocks")} if NAMES == "postgres+local" else {}
        self.server = Server(shared | {"FAILURE_POINTS_FILE": str(self.armed)}, stores=self.stores).start().set_up()
        self.peer = Server(shared, stores=self.stores).start() if NAMES.startswith("postgres") else None
        self.passed = folder / "armed.passed"

    def act(self, step, operation, branch):
        """The answer, or None; the steps that were taken; the server may be dead."""
        lake = Lake(self.server)
        self.passed.unlink(missing_ok=True)
        self.armed.write_text(str(step))
        try:
            answer = operation.act(lake, branch)
        except OSError:
            answer = None
        steps = self.wait_for_the_end(answer)
        self.armed.unlink()
        return answer, steps

    def wait_for_the_end(self, answer):
        """Until the process is dead, or goes on and has nothing left to do."""
        deadline, seen, quiet = time.monotonic() + 60, [], 0
        while self.server.process.poll() is None and (answer is None or quiet < 10):
            assert time.monotonic() < deadline, f"neither answered nor dead after {seen}"
            time.sleep(0.05)
            steps = self.passed.read_text().splitlines() if self.passed.exists() else []
            quiet = quiet + 1 if steps == seen else 0
            seen = steps
        return self.passed.read_text().splitlines() if self.passed.exists() else []

    def observer(self):
        """Who sees what the dead server left."""
        if self.peer is None:
            self.server.start()
        return Lake(self.peer or self.server)

    def revive(self):
        if self.server.process.poll() is not None:
            self.server.start()
        return Lake(self.server)

    def discard(self):
        for server in (self.server, self.peer):
            if server is not None:
                server.discard()
        self.stores.discard()


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    made = Victim(tmp_path_factory.mktemp("victim"))
    lake = Lake(made.server)
    made.server.make_repository("lake")
    for branch, source, changes in [("base", "main", COMMITTED), ("theirs", "base", THEIRS), ("ours", "base", OURS)]:
        lake.branch(branch, source)
        for key, content in changes.items():
            assert lake.put(f"{branch}/{key}", content)[0] == 200
        lake.api("POST", f"/branches/{branch}/commits", {"message": branch}, expected=201)
    yield made
    made.discard()


def look(lake, operation, branch, old, acknowledged):
    """What a reader may see after the operation was cut off: all of it, or nothing."""
    seen, head, history = lake.contents(branch), lake.head(branch), lake.history(branch)
    committed = lake.contents(head)
    makes_commit = hasattr(operation, "committed_after")
    assert seen in ((operation.after,) if acknowledged else (operation.before, operation.after))
    if makes_commit and (acknowledged or head != old[0]):
        assert committed == operation.committed_after
        assert [commit for commit in history if commit in old] == old and history[0] == head != old[0]
    else:
        assert committed == operation.committed and history == old


@pytest.mark.parametrize("kind", [Put, Overwrite, Remove, CompleteUpload, Commit, Merge], ids=lambda kind: kind.__name__)
def test_killed_between_any_two_steps_it_has_happened_whole_or_not_at_all(victim, kind):
    deaths, step, finished = [], 0, False
    while not finished:
        step += 1
        branch, operation, lake = f"{kind.__name__.lower()}-{step}", kind(), victim.revive()
        lake.branch(branch, operation.source)
        operation.prepare(lake, branch)
        old = lake.history(branch)

        answer, steps = victim.act(step, operation, branch)

        finished = victim.server.process.poll() is None
        assert answer is None or answer[0] in operation.good, answer
        assert finished or victim.server.process.returncode == -signal.SIGKILL
        look(victim.observer() if not finished else lake, operation, branch, old, answer is not None)
        again = operation.act(victim.revive(), branch)
        assert again[0] in operation.repeated, again
        look(victim.revive(), operation, branch, old, True)
        deaths += [] if finished else [steps[-1]]

    print(len(deaths), "deaths:", ", ".join(deaths))
    assert len(deaths) >= 2, f"{deaths}; is this a build with failure points (dev, asan)?"
