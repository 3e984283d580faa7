"""The server as a process: configuration, data folder, administrator, start and end."""

import json
import os
import re
import signal
import time
import urllib.error
import urllib.request

import pytest

from support.clients import s3_client
from support.server import Server


@pytest.fixture
def fresh():
    server = Server()
    yield server
    server.discard()


def get(server, path):
    try:
        with urllib.request.urlopen(server.endpoint + path, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def greeting(server):
    """What the server prints when it is ready, which may be a moment after it is healthy."""
    assert server.stop() == 0
    return server.log()


def keys_in(output):
    return (re.search(r"AWS_ACCESS_KEY_ID=(\S+)", output)[1],
            re.search(r"AWS_SECRET_ACCESS_KEY=(\S+)", output)[1])


def can_sign_in(server, key, secret):
    request = urllib.request.Request(
        server.endpoint + "/api/v1/auth/login",
        json.dumps({"access_key_id": key, "secret_access_key": secret}).encode(),
        {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        assert error.code == 401
        return False


def test_first_start_tells_what_to_do_next_and_later_ones_do_not(fresh):
    fresh.start()
    first = greeting(fresh)
    assert "tarn setup --user-name" in first
    assert f'endpoint_url="{fresh.endpoint}"' in first
    assert f"--endpoint-url {fresh.endpoint}" in first
    assert str(fresh.folder / "data") in first

    fresh.start().set_up()
    assert fresh.stop() == 0
    fresh.log_path.unlink()
    fresh.start()
    assert "tarn setup" not in greeting(fresh)


def test_second_server_on_a_data_folder_is_refused_with_the_pid_of_the_first(fresh):
    fresh.start()
    second = fresh.command("serve", "--listen-address", "127.0.0.1:0")
    assert second.returncode == 1
    assert str(fresh.process.pid) in second.stderr


def test_health_tells_the_installation_and_keeps_it_over_starts(fresh):
    fresh.start()
    status, text = get(fresh, "/_health")
    assert status == 200 and re.fullmatch(r"alive! [0-9a-f-]{36}", text)
    fresh.stop()
    fresh.start()
    assert get(fresh, "/_health") == (200, text)


def test_metrics_name_the_limits(fresh):
    fresh.start()
    status, text = get(fresh, "/metrics")
    assert status == 200
    assert 'tarn_limit{key="limits.requests_per_core"}' in text
    assert "process_resident_memory_bytes" in text


def test_setup_without_a_running_server(fresh):
    made = fresh.command("setup", "--user-name", "root")
    assert made.returncode == 0, made.stderr
    again = fresh.command("setup", "--user-name", "root")
    assert again.returncode == 1 and again.stdout == ""

    fresh.start()
    assert can_sign_in(fresh, *keys_in(made.stdout))


def test_setup_through_the_running_server(fresh):
    fresh.start()
    made = fresh.command("setup", "--user-name", "root")
    assert made.returncode == 0, made.stderr
    fresh.access_key, fresh.secret_key = keys_in(made.stdout)
    assert s3_client(fresh).list_buckets()["Buckets"] == []
    again = fresh.command("setup", "--user-name", "root")
    assert again.returncode == 1 and "already" in again.stderr


def test_setup_with_a_chosen_key(fresh):
    made = fresh.command("setup", "--user-name", "root", "--access-key-id", "mine",
                         "--secret-access-key", "and my secret")
    assert made.returncode == 0, made.stderr
    fresh.start()
    assert can_sign_in(fresh, "mine", "and my secret")
    assert not can_sign_in(fresh, "mine", "and not my secret")


def test_superuser_replaces_lost_keys(fresh):
    fresh.start().set_up()
    refused = fresh.command("superuser")
    assert refused.returncode == 1 and str(fresh.process.pid) in refused.stderr
    fresh.stop()

    made = fresh.command("superuser")
    assert made.returncode == 0, made.stderr
    fresh.start()
    assert can_sign_in(fresh, *keys_in(made.stdout))
    assert not can_sign_in(fresh, fresh.access_key, fresh.secret_key)


def test_administrator_of_the_configuration_is_set_up_at_the_first_start(fresh):
    fresh.settings = {"LAKEFS_INSTALLATION_USER_NAME": "root",
                      "LAKEFS_INSTALLATION_ACCESS_KEY_ID": "AKIAIOSFOLQUICKSTART",
                      "LAKEFS_INSTALLATION_SECRET_ACCESS_KEY": "chosen"}
    fresh.start()
    assert can_sign_in(fresh, "AKIAIOSFOLQUICKSTART", "chosen")
    fresh.stop()
    fresh.start()
    assert can_sign_in(fresh, "AKIAIOSFOLQUICKSTART", "chosen")


LAKEFS_FILE = """
listen_address: "127.0.0.1:{port}"
database:
  type: local
  local:
    path: {folder}/metadata
auth:
  encrypt:
    secret_key: "moving over"
blockstore:
  type: local
  local:
    path: {folder}/objects
committed:
  local_cache:
    size_bytes: 100000000
gateways:
  s3:
    domain_name: [s3.lake.example, s3.other.example]
logging:
  level: DEBUG
  format: json
stats:
  enabled: false
"""


@pytest.mark.only_on("rocksdb", "local")
def test_configuration_file_of_lakefs_is_understood(fresh):
    file = fresh.folder / "lakefs.yaml"
    file.write_text(LAKEFS_FILE.format(port=fresh.port, folder=fresh.folder))
    fresh.arguments = ["--config", str(file)]
    fresh.start().set_up()
    assert (fresh.folder / "metadata").is_dir()
    assert (fresh.folder / "objects").is_dir()


@pytest.mark.parametrize("arguments, settings, name", [
    (["--set", "database.locl.path=/x"], {}, "database.locl.path"),
    ([], {"TARN_DATABASE_TYP": "local"}, "TARN_DATABASE_TYP"),
    ([], {"LAKEFS_DATABASE_TYP": "local"}, "LAKEFS_DATABASE_TYP"),
    ([], {"TARN_DATABASE_TYPE": "oracle"}, "database.type"),
    ([], {"TARN_AUTH_UI_CONFIG_RBAC": "internal"}, "auth.ui_config.rbac"),
    ([], {"TARN_LIMITS_REQUESTS_PER_CORE": "many"}, "limits.requests_per_core"),
])
def test_what_is_configured_wrongly_is_refused_by_name(fresh, arguments, settings, name):
    refused = fresh.command("serve", *arguments, **settings)
    assert refused.returncode == 1
    assert name in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.only_on("rocksdb")
@pytest.mark.parametrize("name", ["MANIFEST", "000001.vlog", "KEYREGISTRY"])
def test_folder_with_badger_files_is_refused_and_left_alone(fresh, name):
    folder = fresh.folder / "badger"
    folder.mkdir()
    (folder / name).write_bytes(b"badger")
    refused = fresh.command("serve", TARN_DATABASE_LOCAL_PATH=str(folder))
    assert refused.returncode == 1
    assert "adger" in refused.stderr
    assert os.listdir(folder) == [name]


def test_draining_server_says_so_before_it_ends(fresh):
    fresh.settings = {"TARN_SERVER_DRAIN_DELAY": "30s"}
    fresh.start()
    fresh.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 10
    status = 200
    while status != 503 and time.monotonic() < deadline:
        status = get(fresh, "/_health")[0]
    assert status == 503
    assert get(fresh, "/api/v1/setup_lakefs")[0] == 200
    fresh.process.send_signal(signal.SIGTERM)  # a second signal ends the delay
    assert fresh.process.wait(20) == 0


@pytest.mark.only_on("rocksdb")
def test_secret_stays_out_of_logs_and_listings(fresh):
    fresh.start().set_up()
    secret = (fresh.folder / "data" / "secret").read_text()
    listed = fresh.command("config", TARN_AUTH_ENCRYPT_SECRET_KEY="very secret")
    assert listed.returncode == 0
    assert "very secret" not in listed.stdout and "auth.encrypt.secret_key = ***" in listed.stdout
    assert secret not in fresh.log() and fresh.secret_key not in fresh.log()
    assert (fresh.folder / "data" / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.release
def test_idle_server_is_small_and_soon_ready(fresh):
    fresh.start().set_up()
    fresh.stop()
    began = time.monotonic()
    fresh.start()
    ready_seconds = time.monotonic() - began
    status = open(f"/proc/{fresh.process.pid}/status").read()
    resident_kib = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])
    assert resident_kib <= 30 * 1024
    assert ready_seconds <= 1  # 0.1 s on an idle machine
