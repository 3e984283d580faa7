"""Kills the server at random moments under load: nothing that it acknowledged may be missing."""

import os
import random
import threading
import time
import urllib.parse

import pytest

from support import stores
from support.clients import Rest
from support.server import Server
from support.sigv4 import S3Connection

KILLS = int(os.environ.get("TARN_TEST_KILLS", "200"))
# A commit on a database behind a network takes its time, and some must be acknowledged between two kills.
LOAD_SECONDS_MAX = 0.35 if stores.NAMES.startswith("rocksdb") else 1.2
WRITERS = 16
COMMITTERS = 2


class Load:
    """Writers and committers on one branch until the server dies; what was acknowledged to them."""

    def __init__(self, server, repo, round_number):
        self.server, self.repo, self.round = server, repo, round_number
        self.acknowledged = {}  # key -> content, or None when deleted
        self.uncertain = set()  # keys of requests that were never answered
        self.commits = []
        self.lock = threading.Lock()
        self.failures = []

    def write(self, number):
        connection = S3Connection(self.server)
        for i in range(100_000):
            key = f"round-{self.round:03}/writer-{number:02}/{i // 2:05}"
            remove = i % 8 == 7
            body = None if remove else f"{key} {i}".encode() * (1 + i % 50)
            try:
                status, answer = connection.call("DELETE" if remove else "PUT", f"{self.repo}/main/{key}", body=body)
            except OSError:
                with self.lock:
                    self.uncertain.add(key)
                return
            with self.lock:
                if status == (204 if remove else 200):
                    self.acknowledged[key] = body
                else:
                    self.failures.append((status, answer))

    def commit(self, number):
        rest = Rest(self.server)
        for i in range(100_000):
            try:
                status, answer = rest.call(
                    "POST", f"/repositories/{self.repo}/branches/main/commits", {"message": f"{number}/{i}"})
            except OSError:
                return
            with self.lock:
                if status == 201:
                    self.commits.append(answer["id"])
                elif not (status == 400 and "no changes" in answer["message"]):
                    self.failures.append((status, answer))
            time.sleep(0.01)

    def run_until_killed(self, seconds):
        threads = [threading.Thread(target=self.write, args=(n,)) for n in range(WRITERS)]
        threads += [threading.Thread(target=self.commit, args=(n,)) for n in range(COMMITTERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.server.kill()
        for thread in threads:
            thread.join()


def missing(server, repo, expected, uncertain):
    """What is acknowledged in `expected` and not so on the server, by GET and by listing."""
    connection, wrong = S3Connection(server), []
    listed = set(connection.keys(repo, "main"))
    for key, content in expected.items():
        if key in uncertain:
            continue
        status, body = connection.call("GET", f"{repo}/main/{key}")
        if (status, body) != (200, content) if content is not None else status != 404:
            wrong.append((key, status, len(body)))
        if (key in listed) != (content is not None):
            wrong.append((key, "in the listing", key in listed))
    connection.close()
    return wrong


def commits_on(server, repo):
    found, after, rest = set(), "", Rest(server)
    while True:
        status, page = rest.call(
            "GET", f"/repositories/{repo}/refs/main/commits?amount=1000&after={urllib.parse.quote(after)}")
        assert status == 200, page
        found |= {c["id"] for c in page["results"]}
        if not page["pagination"]["has_more"]:
            return found
        after = page["pagination"]["next_offset"]


@pytest.mark.release
def test_no_acknowledged_write_or_commit_is_lost_by_killing_the_server():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    moments = random.Random(seed)
    server = Server().start().set_up()
    status, answer = Rest(server).call("POST", "/repositories", {"name": "crash", "storage_namespace": server.namespace("crash")})
    assert status == 201, answer

    expected, uncertain, commits = {}, set(), []
    for number in range(KILLS):
        load = Load(server, "crash", number)
        load.run_until_killed(moments.uniform(0.02, LOAD_SECONDS_MAX))
        server.start()
        assert not load.failures, load.failures[:3]
        assert not missing(server, "crash", load.acknowledged, load.uncertain), f"after kill {number}, seed {seed}"
        expected |= load.acknowledged
        uncertain |= load.uncertain
        commits += load.commits

    assert len(expected) > KILLS, "the load wrote next to nothing; the test proves nothing"
    assert commits, "no commit was acknowledged; the test proves nothing"
    assert set(commits) <= commits_on(server, "crash")
    assert not missing(server, "crash", expected, uncertain)
    print(f"{KILLS} kills, {len(expected)} acknowledged keys, {len(commits)} acknowledged commits")
    server.discard()
