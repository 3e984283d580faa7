"""Several servers on one PostgreSQL and one object store: what one acknowledges is seen by all, exactly once."""

import collections
import os
import time

import pytest

from support import lakefs_formats as formats
from support.clients import Rest
from support.crowd import LOST, Crowd
from support.proxy import Nginx
from support.server import Server
from support.sigv4 import S3Connection
from support.stores import Stores

pytestmark = pytest.mark.only_on("postgres")

SECONDS = float(os.environ.get("TARN_TEST_CROWD_SECONDS", "10"))
WRITERS = 32
SIDES = ["side-1", "side-2", "side-3"]
BRANCHES = ["main", "main", "main", *SIDES]  # half of the writers share one


@pytest.fixture
def stores():
    made = Stores()
    yield made
    made.discard()


@pytest.fixture
def servers(stores, tmp_path):
    """Two servers that share everything but their caches, and are patient with a busy machine."""
    shared = {f"TARN_DATABASE_POSTGRES_{name}_TIMEOUT": "60s" for name in ("CONNECT", "REQUEST", "SCAN")}
    shared["TARN_BLOCKSTORE_LOCAL_PATH"] = str(tmp_path / "blocks")
    started = []
    for _ in range(2):
        started.append(Server(shared, stores=stores).start())
    started[0].set_up()
    yield started
    for server in started:
        server.discard()


def crowd_on(servers, repo, tolerates=None):
    """32 writers, and on each branch a commit at least every 100 ms."""
    return Crowd(servers, repo, [BRANCHES[number % len(BRANCHES)] for number in range(WRITERS)],
                 ["main", "main", *SIDES], readers=2, listers=2, tolerates=tolerates or slowed, pause=0.05)


def slowed(status, answer):
    """The branch moved too often meanwhile; clients try that again."""
    return status == 429 or b"<Code>SlowDown" in answer


def homes_of_keys(rest, repo, branch):
    """How many commits of the branch add each key, or have it uncommitted; its history must be linear."""
    history = rest.all(f"/repositories/{repo}/refs/{branch}/commits")
    assert all(len(commit["parents"]) == 1 for commit in history[:-1]) and history[-1]["parents"] == []
    assert [commit["parents"][0] for commit in history[:-1]] == [commit["id"] for commit in history[1:]]
    homes = collections.Counter(
        change["path"] for change in rest.all(f"/repositories/{repo}/branches/{branch}/diff"))
    for newer, older in zip(history, history[1:]):
        changes = rest.all(f"/repositories/{repo}/refs/{older['id']}/diff/{newer['id']}?type=two_dot")
        assert all(change["type"] == "added" for change in changes)
        homes.update(change["path"] for change in changes)
    return homes


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


def assert_kept_exactly_once(crowd, server):
    """Everything acknowledged is on the server, and each key in one commit or uncommitted."""
    assert crowd.missing(server) == []
    for branch, written in crowd.written.items():
        homes = homes_of_keys(Rest(server), crowd.repo, branch)
        assert [key for key in written if homes[key] != 1] == []


def test_every_acknowledged_write_of_a_crowd_on_two_servers_is_seen_and_kept_exactly_once(servers, stores):
    servers[0].make_repository("crowded", SIDES)
    crowd = crowd_on(servers, "crowded")

    crowd.run(time.sleep, SECONDS)

    assert crowd.wrong == []
    assert crowd.refused.total() * 20 < crowd.writes()
    assert_kept_exactly_once(crowd, servers[1])
    print(f"{crowd.writes()} writes, {sum(map(len, crowd.commits.values()))} commits, {crowd.reads} reads, "
          f"{crowd.refused.total()} to be tried again")
    deadline = time.monotonic() + 30  # dropped tokens are removed after the answer
    while left_behind(stores) != (set(), []) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left_behind(stores) == (set(), [])


def test_a_killed_server_takes_nothing_with_it(servers):
    servers[0].make_repository("halved", SIDES)
    crowd = crowd_on(servers[:1], "halved", lambda status, answer: status == LOST or slowed(status, answer))

    def kill():
        time.sleep(1)
        servers[0].kill()

    crowd.run(kill)

    assert crowd.wrong == []
    assert_kept_exactly_once(crowd, servers[1])
    rest = Rest(servers[1])
    status, answer = rest.call("POST", "/repositories/halved/branches/main/objects?path=last", b"2")
    assert status == 201, answer
    status, answer = rest.call("POST", "/repositories/halved/branches/main/commits", {"message": "after"})
    assert status == 201, answer


def test_servers_restarted_one_after_another_behind_a_balancer_fail_no_request(servers, tmp_path):
    def restart():
        for server in servers * 2:
            time.sleep(SECONDS / 6)
            assert server.stop() == 0, server.log()[-2000:]
            server.start()
        time.sleep(SECONDS / 6)

    with Nginx(tmp_path, [server.port for server in servers]) as balancer:
        servers[0].make_repository("rolling", SIDES)
        crowd = crowd_on([balancer.front_of(servers[0])], "rolling")
        crowd.run(restart)

    assert crowd.wrong == []
    assert_kept_exactly_once(crowd, servers[1])
