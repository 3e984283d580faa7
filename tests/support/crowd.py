"""Many clients at once on branches of one repository, and what the servers acknowledged to them."""

import collections
import json
import random
import threading
import time

from support.clients import KeptConnection, Rest
from support.sigv4 import S3Connection

LOST = "lost"  # in place of a status: the connection ended before the answer


def once(number, i):
    """Every key is written one time."""
    return f"writer-{number:02}/{i:06}", f"{number} {i}".encode()


def again(number, i):
    """Every key is written twice, and each fourth is deleted by the second."""
    key = f"writer-{number:02}/{i // 2:05}"
    return key, None if i % 8 == 7 else f"{key} {i}".encode() * (1 + i % 50)


def missing(server, repo, branch, expected, prefix=""):
    """What of `expected`, all that is known of keys with the prefix, is not so: by GET and by listing; None: deleted."""
    connection, wrong = S3Connection(server), []
    listed = set(connection.keys(repo, branch, prefix))
    for key, content in expected.items():
        status, body = connection.call("GET", f"{repo}/{branch}/{key}")
        if (status, body) != (200, content) if content is not None else status != 404:
            wrong.append((branch, key, status, len(body)))
        if (key in listed) != (content is not None):
            wrong.append((branch, key, "in the listing", key in listed))
    connection.close()
    return wrong


class Door:
    """Connections to several servers, used in turn; one that broke is replaced."""

    def __init__(self, connect, servers, first=0):
        self.connect, self.servers, self.turn = connect, servers, first
        self.open = {}

    def call(self, *arguments, **more):
        self.turn = (self.turn + 1) % len(self.servers)
        try:
            if self.turn not in self.open:
                self.open[self.turn] = self.connect(self.servers[self.turn])
            return self.open[self.turn].call(*arguments, **more)
        except OSError as error:
            self.open.pop(self.turn, None)
            return LOST, repr(error).encode()


class Crowd:
    """Writers, committers, readers and listers on all servers.

    `writers`    the branch of each writer; `committers` likewise
    `content`    what a writer writes: (its number, count) -> key and bytes, or None to delete
    `tolerates`  whether clients expect a failure, (status or LOST, answer); every other one ends in `wrong`
    `pause`      seconds between two commits of a committer
    """

    def __init__(self, servers, repo, writers, committers, readers=0, listers=0, content=once, prefix="",
                 tolerates=lambda status, answer: False, pause=0.1):
        self.servers, self.repo, self.content, self.prefix = servers, repo, content, prefix
        self.tolerates, self.pause = tolerates, pause
        self.branches = list(dict.fromkeys(writers))
        self.written = {branch: {} for branch in self.branches}  # acknowledged: key -> bytes, or None when deleted
        self.keys = {branch: [] for branch in self.branches}  # of `written`, as they came
        self.uncertain = {branch: set() for branch in self.branches}  # keys with a write that is not acknowledged
        self.commits = collections.defaultdict(list)
        self.refused, self.reads, self.wrong = collections.Counter(), 0, []
        self.lock, self.ends = threading.Lock(), threading.Event()
        jobs = [(self.write, n, branch) for n, branch in enumerate(writers)]
        jobs += [(self.commit, n, branch) for n, branch in enumerate(committers)]
        jobs += [(self.read, n) for n in range(readers)] + [(self.list, n) for n in range(listers)]
        self.threads = [threading.Thread(target=self.work, args=job) for job in jobs]

    def run(self, meanwhile, *arguments):
        """The crowd works until `meanwhile` returns."""
        for thread in self.threads:
            thread.start()
        try:
            meanwhile(*arguments)
        finally:
            self.ends.set()
            for thread in self.threads:
                thread.join()

    def until(self, condition, seconds=300):
        """Waits for the crowd to get so far."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"the crowd did too little: {self.writes()} keys, {self.refused}"
            time.sleep(0.02)

    def writes(self):
        return sum(map(len, self.written.values()))

    def work(self, job, *arguments):
        try:
            job(*arguments)
        except Exception as error:  # no thread ends unseen
            self.wrong.append((job.__name__, *arguments, repr(error)))

    def failed(self, status, answer, *what):
        with self.lock:
            self.refused[status] += 1
            if not self.tolerates(status, answer):
                self.wrong.append((*what, status, answer[:200]))
        if status == LOST:
            self.ends.wait(0.01)

    def write(self, number, branch):
        door = Door(S3Connection, self.servers, number)
        for i in range(1_000_000):
            if self.ends.is_set():
                return
            key, body = self.content(number, i)
            key = self.prefix + key
            with self.lock:
                self.uncertain[branch].add(key)
            status, answer = door.call("PUT" if body is not None else "DELETE", f"{self.repo}/{branch}/{key}", body=body)
            if status != (200 if body is not None else 204):
                self.failed(status, answer, "write", branch, key)
                continue
            with self.lock:
                if key not in self.written[branch]:
                    self.keys[branch].append(key)
                self.written[branch][key] = body
                self.uncertain[branch].discard(key)

    def commit(self, number, branch):
        door = Door(KeptConnection, [self.servers[number % len(self.servers)]])
        while not self.ends.wait(self.pause):
            status, answer = door.call("POST", f"/repositories/{self.repo}/branches/{branch}/commits", {"message": str(number)})
            if status == 201:
                with self.lock:
                    self.commits[branch].append(json.loads(answer)["id"])
            elif status != 400 or b"no changes" not in answer:
                self.failed(status, answer, "commit", branch)

    def known(self, branch):
        """What every client must find, or see as deleted."""
        with self.lock:
            return {k: v for k, v in self.written[branch].items() if k not in self.uncertain[branch]}

    def known_one(self, branch, dice):
        """One of them, or None."""
        with self.lock:
            key = dice.choice(self.keys[branch]) if self.keys[branch] else None
            return None if key is None or key in self.uncertain[branch] else (key, self.written[branch][key])

    def holds(self, branch, key, content):
        """Whether nobody has begun to change the key since."""
        with self.lock:
            return self.written[branch][key] is content and key not in self.uncertain[branch]

    def read(self, number):
        door, dice = Door(S3Connection, [self.servers[number % len(self.servers)]]), random.Random(number)
        while not self.ends.is_set():
            branch = dice.choice(self.branches)
            known = self.known_one(branch, dice)
            if known is None:
                self.ends.wait(0.01)
                continue
            key, content = known
            status, answer = door.call("GET", f"{self.repo}/{branch}/{key}")
            as_known = status == 404 if content is None else (status, answer) == (200, content)
            if as_known:
                with self.lock:
                    self.reads += 1
            elif status not in (200, 404) or self.holds(branch, key, content):
                self.failed(status, answer, "read", branch, key)

    def list(self, number):
        server, dice = self.servers[number % len(self.servers)], random.Random(number)
        while not self.ends.is_set():
            branch = dice.choice(self.branches)
            known = self.known(branch)
            try:
                listed = set(S3Connection(server).keys(self.repo, branch, self.prefix))
            except OSError as error:
                self.failed(LOST, repr(error).encode(), "list", branch)
                continue
            lacking = [k for k, v in known.items() if v is not None and k not in listed and self.holds(branch, k, v)]
            if lacking:
                self.wrong.append(("list", branch, sorted(lacking)[:5], len(lacking)))

    def missing(self, server):
        """What is acknowledged and not so on the server: by GET, by listing and in the history."""
        wrong = []
        for branch in self.branches:
            wrong += missing(server, self.repo, branch, self.known(branch), self.prefix)
            history = {commit["id"] for commit in Rest(server).all(f"/repositories/{self.repo}/refs/{branch}/commits")}
            wrong += [(branch, "commit", lost) for lost in self.commits[branch] if lost not in history]
        return wrong
