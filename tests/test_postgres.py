"""The server on PostgreSQL: versions of the rows, secrets, and a database that goes away in mid-load."""

import itertools
import os
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from support.clients import Rest, s3_client
from support.crowd import Crowd, again
from support.postgres import Postgres
from support.server import Server
from support.sigv4 import S3Connection
from support.stores import PostgresDatabase, Stores

pytestmark = pytest.mark.only_on("postgres")
FAULT_SECONDS = float(os.environ.get("TARN_TEST_FAULT_SECONDS", "12"))


@pytest.fixture
def database():
    made = PostgresDatabase()
    yield made
    made.discard()


@pytest.fixture
def fresh(database):
    server = Server(stores=Stores(kv=database))
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


def certificate(folder, name):
    """A self-signed certificate for `localhost`, and its key."""
    crt, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", crt],
                   check=True, capture_output=True)
    return crt, key


@pytest.fixture
def encrypted():
    """A server that checks the certificate of its PostgreSQL, and a root certificate that is not the right one."""
    postgres = Postgres()
    crt, key = certificate(postgres.folder, "right")
    postgres.adopt(key)
    postgres.settings |= {"ssl": "on", "ssl_cert_file": crt, "ssl_key_file": key}
    database = PostgresDatabase(postgres.start())
    url = database.settings["TARN_DATABASE_POSTGRES_CONNECTION_STRING"].replace("127.0.0.1", "localhost")
    url += f"?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={crt}"
    server = Server({"TARN_DATABASE_POSTGRES_CONNECTION_STRING": url}, stores=Stores(kv=database))
    yield server, database, url.replace(str(crt), str(certificate(postgres.folder, "wrong")[0]))
    server.discard()
    postgres.discard()


def test_connections_are_encrypted_and_the_certificate_of_the_database_is_checked(encrypted):
    server, database, distrustful = encrypted
    server.start().set_up().make_repository("lake")
    assert S3Connection(server).call("PUT", "lake/main/a", body=b"a")[0] == 200

    sessions = database.sql("SELECT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                            f"WHERE datname = '{database.name}' AND pid <> pg_backend_pid()")
    assert sessions and {tuple(session) for session in sessions} == {("t", "TLSv1.3")}
    assert server.stop() == 0
    refused = server.command("serve", TARN_DATABASE_POSTGRES_CONNECTION_STRING=distrustful)
    assert refused.returncode == 1
    assert "certificate verify failed" in refused.stderr and len(refused.stderr.splitlines()) == 1
    misnamed = server.command("serve", TARN_DATABASE_POSTGRES_CONNECTION_STRING=server.settings[
        "TARN_DATABASE_POSTGRES_CONNECTION_STRING"].replace("@localhost", "@elsewhere"))
    assert misnamed.returncode == 1
    assert 'does not match host name "elsewhere"' in misnamed.stderr and len(misnamed.stderr.splitlines()) == 1


@pytest.fixture
def own():
    """A server on a PostgreSQL of its own, which the test may stop."""
    postgres = Postgres().start()
    database = PostgresDatabase(postgres)
    server = Server(stores=Stores(kv=database)).start().set_up()
    server.make_repository("lake")
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


def has_done_enough(crowd):
    return crowd.writes() > 100 and crowd.commits and crowd.reads


def test_nothing_acknowledged_is_lost_while_postgres_goes_away_and_comes_back(own):
    server, postgres, database = own
    seed = random.randrange(1 << 32)
    print("seed", seed)
    choices = random.Random(seed)
    faults = {"stop": 0, "crash": 0, "terminate": 0}
    crowd = Crowd([server], "lake", ["main"] * 12, ["main"] * 2, readers=3, content=again, pause=0.05,
                  tolerates=lambda status, answer: status in (503, 409, 423))

    def chaos():
        deadline = time.monotonic() + FAULT_SECONDS
        patience = deadline + 300  # a busy machine gets more time for the same amount of work
        for fault in itertools.cycle(["terminate", "terminate", "terminate", "stop", "terminate", "crash"]):
            if time.monotonic() > deadline and min(faults.values()) > 0 and has_done_enough(crowd):
                return
            assert time.monotonic() < patience, f"the load did next to nothing: {crowd.writes()} keys"
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

    assert not crowd.wrong, crowd.wrong[:3]
    assert not crowd.missing(server)
    assert "unexpected exception" not in server.log()
    print(faults, crowd.writes(), "keys", len(crowd.commits["main"]), "commits", crowd.reads, "reads", crowd.refused)
