"""Objects in a real S3 server (versitygw), and in one that fails in every way."""

import hashlib
import random
import subprocess
import threading
import time
import urllib.request

import pytest

from support.clients import Rest, s3_client
from support.crowd import LOST, Crowd
from support.faults import FaultyProxy
from support.server import Server, binary
from support.sigv4 import S3Connection
from support.stores import S3Blocks, Stores
from support.versitygw import SECRET_KEY, Versitygw

pytestmark = pytest.mark.only_on("s3")
MEBIBYTE = 1024 * 1024
SMALL_PARTS = {"TARN_BLOCKSTORE_S3_PART_SIZE_BYTES": str(5 * MEBIBYTE)}


@pytest.fixture(scope="module")
def gateway():
    running = Versitygw().start()
    yield running
    running.discard()


@pytest.fixture
def proxy(gateway):
    running = FaultyProxy(gateway.port)
    yield running
    running.stop()


def start(gateway, endpoint=None, settings=None):
    """A server over a new bucket of the gateway, and the repository `lake`."""
    server = Server(settings, stores=Stores(blocks=S3Blocks(gateway, endpoint))).start().set_up()
    server.make_repository("lake")
    return server


@pytest.fixture
def server(gateway):
    running = start(gateway)
    yield running
    assert running.stop() == 0
    running.discard()


def content_of(key, size):
    """Bytes that only this key has."""
    block = hashlib.sha256(key.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def test_the_storage_config_tells_what_the_store_offers(server):
    status, config = Rest(server).call("GET", "/config/storage")
    assert status == 200
    assert config["blockstore_type"] == "s3"
    assert config["blockstore_namespace_ValidityRegex"] == "^s3://"
    assert config["blockstore_namespace_example"] == "s3://example-bucket/"
    assert config["pre_sign_support"] is True and config["pre_sign_multipart_upload"] is True
    assert config["pre_sign_support_ui"] is False


def test_presigned_urls_can_be_turned_off(gateway):
    running = start(gateway, settings={"TARN_BLOCKSTORE_S3_DISABLE_PRE_SIGNED": "true",
                                       "TARN_BLOCKSTORE_DEFAULT_NAMESPACE_PREFIX": "s3://lakes/"})
    rest = Rest(running)
    status, config = rest.call("GET", "/config/storage")
    assert status == 200
    assert not config["pre_sign_support"] and not config["pre_sign_multipart_upload"]
    assert config["default_namespace_prefix"] == "s3://lakes/"
    status, answer = rest.call("GET", "/repositories/lake/branches/main/staging/backing?path=x&presign=true")
    assert status == 500 and "not supported" in answer["message"]
    running.discard()


def test_a_missing_bucket_is_told(server):
    status, answer = Rest(server).call(
        "POST", "/repositories", {"name": "nowhere", "storage_namespace": "s3://no-such-bucket-here/x"})
    assert status == 400, answer


def test_presigned_urls_lead_to_the_bytes(server):
    rest = Rest(server)
    status, place = rest.call("GET", "/repositories/lake/branches/main/staging/backing?path=a%20b&presign=true")
    assert status == 200, place
    request = urllib.request.Request(place["presigned_url"], b"given", method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    link = {"staging": {"physical_address": place["physical_address"]}, "checksum": "c", "size_bytes": 5}
    status, answer = rest.call("PUT", "/repositories/lake/branches/main/staging/backing?path=a%20b", link)
    assert status == 200, answer
    status, stat = rest.call("GET", "/repositories/lake/refs/main/objects/stat?path=a%20b&presign=true")
    assert status == 200 and stat["physical_address_expiry"] > time.time()
    with urllib.request.urlopen(stat["physical_address"], timeout=30) as answer:
        assert answer.read() == b"given"


def test_large_objects_come_back_as_they_went(gateway):
    running = start(gateway, settings=SMALL_PARTS)
    connection, body = S3Connection(running, 120), content_of("large", 17 * MEBIBYTE + 3)
    assert connection.call("PUT", "lake/main/large", body=body)[0] == 200
    assert connection.call("GET", "lake/main/large") == (200, body)
    client = s3_client(running)
    upload = client.create_multipart_upload(Bucket="lake", Key="main/parts")["UploadId"]
    pieces = [body[:6 * MEBIBYTE], body[6 * MEBIBYTE:]]
    parts = [{"PartNumber": n, "ETag": client.upload_part(Bucket="lake", Key="main/parts", UploadId=upload,
                                                          PartNumber=n, Body=piece)["ETag"]}
             for n, piece in enumerate(pieces, 1)]
    client.complete_multipart_upload(Bucket="lake", Key="main/parts", UploadId=upload,
                                     MultipartUpload={"Parts": parts})
    assert client.get_object(Bucket="lake", Key="main/parts")["Body"].read() == body
    assert client.head_object(Bucket="lake", Key="main/parts")["ETag"].endswith("-2\"")
    running.discard()


def test_the_stores_secret_is_never_printed(server):
    shown = subprocess.run([binary(), "config"], env=server.environment(), capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0
    assert "blockstore.s3.credentials.secret_access_key = ***" in shown.stdout
    assert SECRET_KEY not in shown.stdout and SECRET_KEY not in server.log()


def test_slow_down_is_passed_on(gateway, proxy):
    running = start(gateway, proxy.endpoint, {"TARN_BLOCKSTORE_S3_MAX_RETRIES": "1"})
    proxy.choose = lambda method, path, size: "503" if method == "PUT" else None
    status, answer = S3Connection(running).call("PUT", "lake/main/x", body=b"bytes")
    assert status == 503 and b"<Code>SlowDown</Code>" in answer
    assert proxy.done["503"] == 2
    proxy.choose = lambda method, path, size: None
    assert S3Connection(running).call("PUT", "lake/main/x", body=b"bytes")[0] == 200
    running.discard()


def test_transfers_survive_connections_that_break_in_mid_body(gateway, proxy):
    running = start(gateway, proxy.endpoint, SMALL_PARTS)
    broken, lock = set(), threading.Lock()

    def choose(method, path, size):
        """The first time that each large body passes, it is cut off."""
        with lock:
            if (method, path) in broken or not (method == "GET" or size >= MEBIBYTE):
                return None
            broken.add((method, path))
            return "reset" if method == "PUT" else "cut"

    proxy.choose = choose
    connection, body = S3Connection(running, 120), content_of("broken", 12 * MEBIBYTE)
    assert connection.call("PUT", "lake/main/broken", body=body)[0] == 200
    assert connection.call("GET", "lake/main/broken") == (200, body)
    assert proxy.done["reset"] == 3 and proxy.done["cut"] >= 1
    running.discard()


def of_all_sizes(number, i):
    key = f"{number}/{i:05}"
    return key, content_of(key, random.Random(key).choice([10, 4096, 70_000, 300_000]))


def crowd_on(server):
    """Clients that bear with a store that fails: with its refusals, and with answers that break off."""
    return Crowd([server], "lake", ["main"] * 6, ["main"], readers=2, content=of_all_sizes,
                 tolerates=lambda status, answer: status in (500, 503, LOST))


def test_nothing_acknowledged_is_lost_while_the_store_fails_in_every_way(gateway, proxy):
    running = start(gateway, proxy.endpoint)
    dice, lock = random.Random(7), threading.Lock()
    faults = ["500"] * 8 + ["503"] * 8 + ["reset"] * 5 + ["lost"] * 5 + ["cut"] * 5 + ["slow"] * 2 + [None] * 67

    def choose(method, path, size):
        with lock:
            return dice.choice(faults)

    proxy.choose = choose
    crowd = crowd_on(running)
    crowd.run(crowd.until, lambda: crowd.writes() > 300 and crowd.commits and all(proxy.done[f] > 5 for f in faults))
    proxy.choose = lambda method, path, size: None

    assert not crowd.wrong, crowd.wrong[:3]
    assert not crowd.missing(running)
    assert running.stop() == 0
    assert "unexpected exception" not in running.log()
    running.discard()


def test_nothing_acknowledged_is_lost_when_the_store_is_killed_and_comes_back():
    store = Versitygw().start()
    running = start(store, settings={"TARN_BLOCKSTORE_S3_MAX_RETRIES": "2"})
    crowd = crowd_on(running)

    def chaos():
        for n in range(1, 3):
            crowd.until(lambda: crowd.writes() > 50 * n and crowd.commits)
            store.kill()
            refused = crowd.refused.total()
            crowd.until(lambda: crowd.refused.total() > refused)
            store.start()
        crowd.until(lambda: crowd.writes() > 150)

    crowd.run(chaos)

    assert not crowd.wrong, crowd.wrong[:3]
    assert not crowd.missing(running)
    assert running.stop() == 0
    running.discard()
    store.discard()
