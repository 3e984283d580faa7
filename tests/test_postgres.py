"""The server on PostgreSQL: versions of the rows, secrets, and a database that goes away in mid-load."""

import itertools
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request

import pytest

from support.clients import Rest, s3_client
from support.postgres import Postgres
from support.server import Server
from support.sigv4 import S3Connection
from support.stores import PostgresDatabase, Stores
from test_crashes import commits_on, missing

FAULT_SECONDS = float(os.environ.get("TARN_TEST_FAULT_SECONDS", "12"))


@pytest.fixture
def database():
    made = PostgresDatabase()
    yield made
    made.discard()


@pytest.fixture
def fresh(database):
    server = Server(stores=Stores("postgres+local", kv=database))
    yield server
    server.discard()


def set_version(database, version):
    database.sql("UPDATE kv SET value = '%s' WHERE partition_key = 'kv-internal-metadata'" % version)


@pytest.mark.parametrize("version", ["3", "5"])
def test_rows_of_another_version_are_refused(fresh, database, version):
    fresh.start().set_up().stop()
    set_version(database, version)

    refused = fresh.command("serve")

    assert refused.returncode == 1
    assert f"version {version}" in refused.stderr and len(refused.stderr.splitlines()) == 1
    assert fresh.command("migrate", "version").stdout == f"version: {version}\n"


def test_older_rows_are_served_after_an_explicit_migration(fresh, database):
    fresh.start().set_up().stop()
    set_version(database, "3")

    migrated = fresh.command("migrate", "up")

    assert (migrated.returncode, migrated.stdout) == (0, "migrated from version 3 to 4\n")
    assert fresh.command("migrate", "up").stdout == "nothing to migrate\n"
    fresh.start()
    assert s3_client(fresh).list_buckets()["Buckets"] == []


def test_newer_rows_are_not_migrated(fresh, database):
    fresh.start().set_up().stop()
    set_version(database, "5")

    refused = fresh.command("migrate", "up")

    assert refused.returncode == 1 and "version 5" in refused.stderr
    assert fresh.command("migrate", "version").stdout == "version: 5\n"


def test_connection_string_is_never_printed(fresh):
    secret = fresh.stores.settings["TARN_DATABASE_POSTGRES_CONNECTION_STRING"] + "?password=hunter2"
    fresh.settings = {"TARN_DATABASE_POSTGRES_CONNECTION_STRING": secret}
    listed = fresh.command("config")
    broken = fresh.command("serve", TARN_DATABASE_POSTGRES_CONNECTION_STRING=secret.replace("127.0.0.1", "127.0.0.1:x"))
    absent = fresh.command("serve", TARN_DATABASE_POSTGRES_CONNECTION_STRING=secret.replace("?", "absent?"))
    fresh.start()

    assert "database.postgres.connection_string = ***" in listed.stdout
    for refused in (broken, absent):
        assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1
    for text in (listed.stdout, broken.stderr, absent.stderr, fresh.log()):
        assert "hunter2" not in text


def test_all_servers_must_be_given_one_secret(fresh):
    refused = fresh.command("serve", TARN_AUTH_ENCRYPT_SECRET_KEY="")

    assert refused.returncode == 1 and "auth.encrypt.secret_key" in refused.stderr


@pytest.fixture
def own():
    """A server on a PostgreSQL of its own, which the test may stop."""
    postgres = Postgres().start()
    database = PostgresDatabase(postgres)
    server = Server(stores=Stores("postgres+local", kv=database)).start().set_up()
    status, answer = Rest(server).call("POST", "/repositories", {"name": "lake", "storage_namespace": "local://lake"})
    assert status == 201, answer
    yield server, postgres, database
    server.discard()
    postgres.discard()


def refusal(server, path):
    """Status, Retry-After and body of a request without credentials, or of one that S3 or REST refuses."""
    request = urllib.request.Request(server.endpoint + path)
    request.add_header("Authorization", Rest(server).authorization)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    return refused.value.code, refused.value.headers["Retry-After"], refused.value.read().decode()


def wait_for_database(server):
    deadline = time.monotonic() + 30
    while (answer := S3Connection(server).call("GET", "lake/main/absent"))[0] != 404:
        assert answer[0] == 503 and time.monotonic() < deadline, answer
        time.sleep(0.05)


def test_a_database_that_is_away_is_a_clear_503_until_it_is_back(own):
    server, postgres, _ = own
    s3 = s3_client(server)
    s3.put_object(Bucket="lake", Key="main/a", Body=b"a")
    postgres.stop()

    status, after, text = refusal(server, "/api/v1/repositories/lake/refs/main/objects/stat?path=a")
    assert (status, after) == (503, "1") and "PostgreSQL" in text
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.get_object(Bucket="lake", Key="main/a")
    metadata = refused.value.response["ResponseMetadata"]
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert (metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["retry-after"]) == (503, "1")
    with urllib.request.urlopen(server.endpoint + "/_health", timeout=10) as health:
        assert health.status == 200

    postgres.start()
    wait_for_database(server)
    assert S3Connection(server).call("GET", "lake/main/a") == (200, b"a")


class Crowd:
    """Writers, committers and readers on one branch, and what was acknowledged to them."""

    def __init__(self, server, repo):
        self.server, self.repo = server, repo
        self.lock = threading.Lock()
        self.acknowledged, self.uncertain, self.commits = {}, set(), []
        self.failures, self.refusals, self.reads = [], 0, 0
        self.stopping = threading.Event()

    def write(self, number):
        connection = S3Connection(self.server)
        for i in itertools.count():
            if self.stopping.is_set():
                return
            key, remove = f"writer-{number:02}/{i // 2:05}", i % 8 == 7
            body = None if remove else f"{key} {i}".encode() * (1 + i % 50)
            with self.lock:
                self.uncertain.add(key)
            status, answer = connection.call("DELETE" if remove else "PUT", f"{self.repo}/main/{key}", body=body)
            with self.lock:
                if status == (204 if remove else 200):
                    self.acknowledged[key] = body
                    self.uncertain.discard(key)
                elif status == 503:
                    self.refusals += 1
                else:
                    self.failures.append((status, answer))

    def commit(self, number):
        rest = Rest(self.server)
        for i in itertools.count():
            if self.stopping.wait(0.05):
                return
            status, answer = rest.call(
                "POST", f"/repositories/{self.repo}/branches/main/commits", {"message": f"{number}/{i}"})
            with self.lock:
                if status == 201:
                    self.commits.append(answer["id"])
                elif status == 503:
                    self.refusals += 1
                elif not (status == 400 and "no changes" in answer["message"]) and status not in (409, 423):
                    self.failures.append((status, answer))

    def read(self, number):
        connection, choices = S3Connection(self.server), random.Random(number)
        while not self.stopping.is_set():
            with self.lock:
                known = [(k, v) for k, v in self.acknowledged.items() if k not in self.uncertain]
            if not known:
                continue
            key, content = choices.choice(known)
            status, body = connection.call("GET", f"{self.repo}/main/{key}")
            with self.lock:
                self.reads += status == 200
                changed = self.acknowledged[key] is not content or key in self.uncertain
                if status == 503 or changed:
                    continue
                if (status, body) != (200, content) if content is not None else status != 404:
                    self.failures.append(("read", key, status, body))

    def has_done_enough(self):
        return len(self.acknowledged) > 100 and self.commits and self.reads

    def run(self, chaos):
        jobs = [(self.write, 12), (self.commit, 2), (self.read, 3)]
        threads = [threading.Thread(target=job, args=(n,)) for job, count in jobs for n in range(count)]
        for thread in threads:
            thread.start()
        try:
            chaos()
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()


def test_nothing_acknowledged_is_lost_while_postgres_goes_away_and_comes_back(own):
    server, postgres, database = own
    seed = random.randrange(1 << 32)
    print("seed", seed)
    choices = random.Random(seed)
    crowd, faults = Crowd(server, "lake"), {"stop": 0, "crash": 0, "terminate": 0}

    def chaos():
        deadline = time.monotonic() + FAULT_SECONDS
        patience = deadline + 60  # a busy machine gets more time for the same amount of work
        for fault in itertools.cycle(["terminate", "terminate", "terminate", "stop", "terminate", "crash"]):
            if time.monotonic() > deadline and min(faults.values()) > 0 and crowd.has_done_enough():
                return
            assert time.monotonic() < patience, f"the load did next to nothing: {len(crowd.acknowledged)} keys"
            time.sleep(choices.uniform(0.05, 0.6))
            faults[fault] += 1
            if fault == "terminate":
                postgres.terminate_connections(database.name)
            else:
                postgres.stop(signal.SIGINT if fault == "stop" else signal.SIGQUIT)
                time.sleep(choices.uniform(0, 0.5))
                postgres.start()

    crowd.run(chaos)
    wait_for_database(server)

    assert not crowd.failures, crowd.failures[:3]
    assert not missing(server, "lake", crowd.acknowledged, crowd.uncertain)
    assert set(crowd.commits) <= commits_on(server, "lake")
    assert "unexpected exception" not in server.log()
    print(faults, len(crowd.acknowledged), "keys", len(crowd.commits), "commits", crowd.reads, "reads",
          crowd.refusals, "refusals")
