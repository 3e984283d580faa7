"""Kills the server at random moments under load: nothing that it acknowledged may be missing."""

import os
import random
import time

import pytest

from support import stores
from support.crowd import LOST, Crowd, again
from support.server import Server

KILLS = int(os.environ.get("TARN_TEST_KILLS", "200"))
# A commit on a database behind a network takes its time, and some must be acknowledged between two kills.
LOAD_SECONDS_MAX = 0.35 if stores.NAMES.startswith("rocksdb") else 1.2


@pytest.mark.release
def test_no_acknowledged_write_or_commit_is_lost_by_killing_the_server():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    moments = random.Random(seed)
    server = Server().start().set_up()
    server.make_repository("crash")
    crowds = []

    def kill():
        time.sleep(moments.uniform(0.02, LOAD_SECONDS_MAX))
        server.kill()

    for number in range(KILLS):
        crowd = Crowd([server], "crash", ["main"] * 16, ["main"] * 2, content=again, prefix=f"round-{number:03}/",
                      tolerates=lambda status, answer: status == LOST, pause=0.01)
        crowd.run(kill)
        server.start()
        assert not crowd.wrong, crowd.wrong[:3]
        assert not crowd.missing(server), f"after kill {number}, seed {seed}"
        crowds.append(crowd)

    writes, commits = (sum(counts) for counts in zip(*((c.writes(), len(c.commits["main"])) for c in crowds)))
    assert writes > KILLS, "the load wrote next to nothing; the test proves nothing"
    assert commits, "no commit was acknowledged; the test proves nothing"
    for crowd in crowds:
        assert not crowd.missing(server)
    print(f"{KILLS} kills, {writes} acknowledged keys, {commits} acknowledged commits")
    server.discard()
