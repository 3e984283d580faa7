"""Several servers on one PostgreSQL and one object store: what one acknowledges is seen by all, exactly once."""

import collections
import json
import os
import random
import threading
import time
import urllib.parse

import pytest

from support import lakefs_formats as formats
from support.clients import KeptConnection, Rest
from support.proxy import Nginx
from support.server import Server
from support.sigv4 import S3Connection
from support.stores import NAMES, Stores

SECONDS = float(os.environ.get("TARN_TEST_CROWD_SECONDS", "10"))
WRITERS = 32
BRANCHES = ["main", "main", "main", "side-1", "side-2", "side-3"]  # half of the writers share one
STORES = NAMES if NAMES.startswith("postgres") else "postgres+local"


@pytest.fixture
def stores():
    made = Stores(STORES)
    yield made
    made.discard()


@pytest.fixture
def servers(stores, tmp_path):
    """Two servers that share everything but their caches, and are patient with a busy machine."""
    shared = {f"TARN_DATABASE_POSTGRES_{name}_TIMEOUT": "60s" for name in ("CONNECT", "REQUEST", "SCAN")}
    if STORES.endswith("local"):
        shared["TARN_BLOCKSTORE_LOCAL_PATH"] = str(tmp_path / "blocks")
    started = []
    for _ in range(2):
        started.append(Server(shared, stores=stores).start())
    started[0].set_up()
    yield started
    for server in started:
        server.discard()


def make_repository(server, name, branches=()):
    rest = Rest(server)
    status, answer = rest.call("POST", "/repositories", {"name": name, "storage_namespace": server.namespace(name)})
    assert status == 201, answer
    for branch in branches:
        status, answer = rest.call("POST", f"/repositories/{name}/branches", {"name": branch, "source": "main"}, raw=True)
        assert status == 201, answer


class Crowd:
    """Writers, committers and readers on all servers; what was acknowledged, and what was wrong."""

    def __init__(self, servers, repo):
        self.servers, self.repo = servers, repo
        self.written = collections.defaultdict(dict)  # branch -> key -> content
        self.commits = collections.defaultdict(list)
        self.wrong = []
        self.slowed = 0  # writes refused because the branch moved too often meanwhile; clients try those again
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def write(self, number):
        branch = BRANCHES[number % len(BRANCHES)]
        connections = [S3Connection(server) for server in self.servers]
        for i in range(1_000_000):
            if self.stop.is_set():
                return
            key, content = f"w{number:02}/{i:06}", f"{number} {i}".encode()
            status, answer = connections[i % 2].call("PUT", f"{self.repo}/{branch}/{key}", body=content)
            with self.lock:
                if status == 200:
                    self.written[branch][key] = content
                elif status == 503 and b"SlowDown" in answer:
                    self.slowed += 1
                else:
                    self.wrong.append(("put", key, status, answer))

    def commit(self, branch, server):
        connection = KeptConnection(server)
        while not self.stop.wait(0.1):
            status, answer = connection.call("POST", f"/repositories/{self.repo}/branches/{branch}/commits",
                                             {"message": "by the crowd"})
            with self.lock:
                if status == 201:
                    self.commits[branch].append(json.loads(answer)["id"])
                elif status == 429:
                    self.slowed += 1
                elif status != 400 or b"no changes" not in answer:
                    self.wrong.append(("commit", branch, status, answer))

    def read(self, server):
        connection, chance = S3Connection(server), random.Random(7)
        while not self.stop.is_set():
            with self.lock:
                branch = chance.choice(BRANCHES)
                known = list(self.written[branch].items())
            if not known:
                continue
            key, content = chance.choice(known)
            status, answer = connection.call("GET", f"{self.repo}/{branch}/{key}")
            if status != 200 or answer != content:
                self.wrong.append(("get", branch, key, status, answer))

    def list(self, server):
        connection = S3Connection(server)
        while not self.stop.is_set():
            branch = random.choice(BRANCHES)
            with self.lock:
                known = set(self.written[branch])
            missing = known - set(connection.keys(self.repo, branch))
            if missing:
                self.wrong.append(("list", branch, sorted(missing)[:5], len(missing)))

    def run(self, seconds):
        threads = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        for at, branch in enumerate(dict.fromkeys(BRANCHES)):
            threads.append(threading.Thread(target=self.commit, args=(branch, self.servers[at % 2])))
        threads.append(threading.Thread(target=self.commit, args=("main", self.servers[1])))
        for server in self.servers:
            threads += [threading.Thread(target=work, args=(server,)) for work in (self.read, self.list)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.stop.set()
        for thread in threads:
            thread.join()


def pages(rest, path):
    """All results of a list."""
    found, after = [], ""
    while True:
        status, page = rest.call("GET", f"{path}{'&' if '?' in path else '?'}amount=1000&after={urllib.parse.quote(after)}")
        assert status == 200, page
        found += page["results"]
        if not page["pagination"]["has_more"]:
            return found
        after = page["pagination"]["next_offset"]


def homes_of_keys(rest, repo, branch):
    """How many commits of the branch add each key, or have it uncommitted; its history must be linear."""
    history = pages(rest, f"/repositories/{repo}/refs/{branch}/commits")
    assert all(len(commit["parents"]) == 1 for commit in history[:-1]) and history[-1]["parents"] == []
    assert [commit["parents"][0] for commit in history[:-1]] == [commit["id"] for commit in history[1:]]
    homes = collections.Counter(
        change["path"] for change in pages(rest, f"/repositories/{repo}/branches/{branch}/diff"))
    for newer, older in zip(history, history[1:]):
        changes = pages(rest, f"/repositories/{repo}/refs/{older['id']}/diff/{newer['id']}?type=two_dot")
        assert all(change["type"] == "added" for change in changes)
        homes.update(change["path"] for change in changes)
    return homes, {commit["id"] for commit in history}


def left_behind(stores):
    """Partitions of staged rows that no branch names, and recorded clean-up."""
    tokens, named, recorded = set(), set(), []
    hexadecimal = "SELECT encode(partition_key, 'hex'), encode(key, 'hex'), encode(value, 'hex') FROM kv"
    for row in stores.kv.sql(hexadecimal):
        partition, key, value = map(bytes.fromhex, row)
        (_, pattern), content = formats.read_row(partition, key, value)
        if pattern == "(?s:.+)":
            tokens.add(partition.decode())
        if pattern == "branches/.+":
            named.update([content[3], *content.get(4, [])])
        if partition == b"cleanup-tokens":
            recorded.append(key)
    return tokens - named, recorded


def test_every_acknowledged_write_of_a_crowd_on_two_servers_is_seen_and_kept_exactly_once(servers, stores):
    make_repository(servers[0], "crowded", sorted(set(BRANCHES) - {"main"}))
    crowd = Crowd(servers, "crowded")

    crowd.run(SECONDS)

    assert crowd.wrong == []
    assert crowd.slowed * 20 < sum(map(len, crowd.written.values()))
    rest = Rest(servers[1])
    for branch, written in crowd.written.items():
        homes, history = homes_of_keys(rest, "crowded", branch)
        assert set(written) - set(homes) == set()
        assert [key for key in written if homes[key] != 1] == []
        assert set(crowd.commits[branch]) <= history
    print(f"{sum(map(len, crowd.written.values()))} writes, {sum(map(len, crowd.commits.values()))} commits")
    deadline = time.monotonic() + 30  # dropped tokens are removed after the answer
    while left_behind(stores) != (set(), []) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left_behind(stores) == (set(), [])


def test_a_killed_server_takes_nothing_with_it(servers):
    make_repository(servers[0], "halved", sorted(set(BRANCHES) - {"main"}))
    status, answer = Rest(servers[0]).call("POST", "/repositories/halved/branches/main/objects?path=first", b"1")
    assert status == 201, answer
    crowd = Crowd([servers[0], servers[0]], "halved")
    running = threading.Thread(target=swallowing(crowd.run), args=(2,))
    running.start()
    time.sleep(1)
    servers[0].kill()
    running.join()

    rest = Rest(servers[1])
    for branch, written in crowd.written.items():
        homes, history = homes_of_keys(rest, "halved", branch)
        assert set(written) - set(homes) == set()
        assert set(crowd.commits[branch]) <= history
        listed = set(S3Connection(servers[1]).keys("halved", branch))
        assert set(written) - listed == set()
    status, answer = rest.call("POST", "/repositories/halved/branches/main/objects?path=last", b"2")
    assert status == 201, answer
    status, answer = rest.call("POST", "/repositories/halved/branches/main/commits", {"message": "after"})
    assert status == 201, answer


def swallowing(work):
    """Threads of a crowd whose server is gone end with a connection error, which says nothing here."""
    def run(*arguments):
        previous, threading.excepthook = threading.excepthook, lambda _: None
        try:
            work(*arguments)
        finally:
            threading.excepthook = previous
    return run


def test_servers_restarted_one_after_another_behind_a_balancer_fail_no_request(servers, tmp_path):
    make_repository(servers[0], "rolling", sorted(set(BRANCHES) - {"main"}))
    with Nginx(tmp_path, [server.port for server in servers]) as balancer:
        front = balancer.front_of(servers[0])
        crowd = Crowd([front, front], "rolling")
        running = threading.Thread(target=crowd.run, args=(SECONDS,))
        running.start()
        for server in servers * 2:
            time.sleep(SECONDS / 6)
            assert server.stop() == 0, server.log()[-2000:]
            server.start()
        running.join()

    assert crowd.wrong == []
    for branch, written in crowd.written.items():
        homes, _ = homes_of_keys(Rest(servers[1]), "rolling", branch)
        assert [key for key in written if homes[key] != 1] == []
