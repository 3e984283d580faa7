"""Interchangeable with lakeFS on one database: Tarn serves what lakeFS left behind, and writes rows and files that
lakeFS would have written. The installation and the questions about it are golden data; an independent reader of
lakeFS's formats (support/lakefs_formats.py) judges what Tarn writes, after it was shown to accept what lakeFS wrote.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import urllib.parse
from xml.etree import ElementTree

import pytest

from support import lakefs_formats as formats
from support.clients import Rest, s3_client
from support.server import PROJECT, Server
from support.sigv4 import S3Connection
from support.stores import Stores

GOLDEN = pathlib.Path(os.environ.get("TARN_GOLDEN_DIR", PROJECT / "../shared/golden")).resolve()
INSTALLATION = GOLDEN / "installation"
SECRET = "golden one: keep this phrase"
# Left out: a hook refuses a commit to this branch; without hooks it goes through, and these see it.
LEFT_OUT = "^(?!write: (hook refuses|head of sealed-1|uncommitted of sealed-1))"
LISTING = "uploads: S3 listing"

pytestmark = [pytest.mark.skipif(not INSTALLATION.is_dir(), reason=f"no golden installation in {INSTALLATION}"),
              pytest.mark.only_on("postgres", "local")]


def load_kv(verb, url, path):
    subprocess.run([sys.executable, GOLDEN / "load_kv.py", verb, url, path], check=True, capture_output=True)


@pytest.fixture(scope="module")
def golden(tmp_path_factory):
    """A server on lakeFS's rows and files; the table itself is the one that Tarn makes."""
    folder = tmp_path_factory.mktemp("installation")
    with tarfile.open(INSTALLATION / "store.tar.gz") as files:
        files.extractall(folder)
    stores = Stores()
    # lakeFS ran with the last of these switched off, which its rows do not say.
    settings = {"TARN_BLOCKSTORE_LOCAL_PATH": str(folder / "store"), "TARN_AUTH_ENCRYPT_SECRET_KEY": SECRET,
                "TARN_EMAIL_SUBSCRIPTION_ENABLED": "false"}
    server = Server(settings, stores=stores)
    server.start().stop()
    server.database_url = stores.kv.server.url(stores.kv.name)
    stores.kv.sql("TRUNCATE kv")
    load_kv("load", server.database_url, INSTALLATION / "kv.tsv")
    server.block_folder = folder / "store"
    server.access_key, server.secret_key = (questions()[name] for name in ("access_key_id", "secret_access_key"))
    yield server.start()
    server.discard()
    stores.discard()


def questions():
    return json.loads((INSTALLATION / "expected.json").read_text())


def corrected(questions):
    """The questions with the answers that the recorded conversations want where they call lakeFS's a fault."""
    for question in questions["checks"]:
        name, wanted = question["name"], question.get("body")
        if "merge base of" in name and question["status"] == 200:
            # rest/diff/merge-base: source and destination in their places.
            wanted["source_commit_id"], wanted["destination_commit_id"] = \
                wanted["destination_commit_id"], wanted["source_commit_id"]
        elif name == "credentials of the user":
            # rest/auth/credentials-basic: an administrator may list keys. The moment of creation is the installation's.
            key = {"access_key_id": questions["access_key_id"]}
            question |= {"status": 200, "ignore": ["creation_date"], "body": {"results": [key], "pagination": {
                "has_more": False, "max_per_page": 0, "next_offset": "", "results": 1}}}
        elif name == LISTING:
            # As AWS, Tarn names the XML namespace and tells whole seconds; the order of elements is free. See below.
            del question["text"]
    return questions


def check(server, folder, *arguments):
    expected = folder / "expected.json"
    expected.write_text(json.dumps(corrected(questions())))
    done = subprocess.run([sys.executable, INSTALLATION / "check.py", "--endpoint", server.endpoint,
                           "--expected", expected, *arguments], capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout[-8000:] + done.stderr[-2000:]


def rows(server, folder):
    path = folder / "kv.tsv"
    load_kv("dump", server.database_url, path)
    return list(formats.rows_of(path))


def decoded(pairs):
    """Rows by their pattern; every one must have lakeFS's shape."""
    kinds = collections.defaultdict(list)
    for partition, key, value in pairs:
        pattern, content = formats.read_row(partition, key, value)
        kinds[pattern].append((partition.decode("latin-1"), key, content))
    return kinds


def test_the_reader_of_the_tests_accepts_what_lakefs_wrote():
    kinds = decoded(formats.rows_of(INSTALLATION / "kv.tsv"))
    assert sum(map(len, kinds.values())) == 263
    commits = [content for (_, key), found in kinds.items() if key.startswith("commits/") for *_, content in found]
    assert len(commits) == 60
    assert all(formats.commit_id(commit) == commit[1] for commit in commits)


def test_the_reader_of_the_tests_knows_the_ids_of_lakefs_s_files(tmp_path):
    with tarfile.open(INSTALLATION / "store.tar.gz") as files:
        files.extractall(tmp_path)
    kinds = collections.Counter(kind_of(path) for path in range_files(tmp_path / "store" / "ranges"))
    assert kinds["ranges"] > 40 and kinds["metaranges"] > 2


def elements(text):
    """An XML document as nested tuples: no namespaces, whole seconds, differently named elements in any order."""
    def plain(element):
        inner = sorted(map(plain, element), key=lambda child: child[0])
        return element.tag.rpartition("}")[2], re.sub(r"\.\d{3}Z$", "Z", element.text or ""), inner
    return plain(ElementTree.fromstring(text))


def test_lakefs_s_installation_lists_over_s3_as_it_did(golden):
    question = next(q for q in questions()["checks"] if q["name"] == LISTING)

    target = urllib.parse.urlsplit(question["request"]["target"])
    query = dict(urllib.parse.parse_qsl(target.query, keep_blank_values=True))
    status, content = S3Connection(golden).call("GET", target.path.strip("/"), query)

    assert status == question["status"]
    assert elements(content) == elements(question["text"])


def test_lakefs_s_installation_is_served_as_it_was_and_can_be_changed(golden, tmp_path):
    status, output = check(golden, tmp_path, "--mutate", "--only", LEFT_OUT)
    assert status == 0, output


def test_what_tarn_writes_has_the_shape_of_what_lakefs_writes(golden, tmp_path):
    rest, s3 = Rest(golden), s3_client(golden)
    before = set(rows(golden, tmp_path))
    files_before = range_files(golden.block_folder)
    make_every_kind_of_change(golden, rest, s3)

    written = decoded(row for row in rows(golden, tmp_path) if row not in before)

    expected = {"repos/.+", "branches/.+", f"commits/{formats.HEX}", "tags/.+", "settings/protected_branches",
                "(?s:.+)", "repo-metadata", f"pulls/{formats.XID}"}
    assert expected <= {key for _, key in written}
    for (_, key), found in written.items():
        if key.startswith("commits/"):
            assert all(formats.commit_id(commit) == commit[1] for *_, commit in found)
        if key == "(?s:.+)":
            staged = [content for *_, content in found if "entry" in content]
            assert staged and all(formats.entry_identity(row["entry"]) == row[2] for row in staged)
            assert any("entry" not in content for *_, content in found), "no tombstone"
    files = range_files(golden.block_folder) - files_before
    assert files
    assert {kind_of(path) for path in files} == {"ranges", "metaranges"}


def range_files(folder):
    return {path for path in folder.rglob("_lakefs/*") if len(path.name) == 64}


def kind_of(path):
    """The kind of a range file, whose name, records and entries are verified."""
    records = formats.records_of(path)
    keys = [key for key, _ in records]
    assert keys == sorted(set(keys))
    kind = next(kind for kind in ("ranges", "metaranges") if formats.file_id(records, kind) == path.name)
    for key, value in records:
        identity, data = formats.envelope(value)
        if kind == "ranges":
            assert formats.entry_identity(formats.message(formats.ENTRY, data)) == identity
        else:
            held = formats.message(formats.RANGE, data)
            ranges = formats.records_of(path.parent / identity.decode())
            assert (held[2], held[4]) == (key, len(ranges))
            assert held[1] == ranges[0][0] and held[2] == ranges[-1][0]
    return kind


def make_every_kind_of_change(server, rest, s3):
    """Repositories, branches, objects, commits, merges and what else leaves rows behind."""
    def call(method, path, body=None):
        status, answer = rest.call(method, path, body, raw=True)
        assert status < 300, (method, path, status, answer)
        return answer

    call("POST", "/repositories", {"name": "swapped", "storage_namespace": server.namespace("swapped"),
                                   "default_branch": "main"})
    base = "/repositories/swapped"
    for index in range(40):
        s3.put_object(Bucket="swapped", Key=f"main/t/{index:03}", Body=b"x" * index, Metadata={"n": str(index)})
    call("POST", f"{base}/branches/main/commits", {"message": "first", "metadata": {"k": "v"}})
    call("POST", f"{base}/branches", {"name": "dev", "source": "main"})
    call("POST", f"{base}/branches", {"name": "hid", "source": "main", "hidden": True})
    s3.put_object(Bucket="swapped", Key="dev/t/new", Body=b"new", ContentType="text/plain")
    s3.delete_object(Bucket="swapped", Key="dev/t/001")
    first = call("POST", f"{base}/branches/dev/commits", {"message": "second"})
    call("POST", f"{base}/refs/dev/merge/main", {})
    call("POST", f"{base}/branches/hid/cherry-pick", {"ref": json.loads(first)["id"]})
    call("POST", f"{base}/branches/hid/revert", {"ref": "hid", "parent_number": 0})
    call("POST", f"{base}/tags", {"id": "v1", "ref": "main"})
    call("POST", f"{base}/metadata", {"metadata": {"owner": "tests"}})
    rules = [{"pattern": "release-*", "blocked_actions": ["staging_write", "commit"]}]
    call("PUT", f"{base}/settings/branch_protection", rules)
    call("POST", f"{base}/pulls", {"title": "t", "source_branch": "dev", "destination_branch": "main"})
    s3.put_object(Bucket="swapped", Key="main/left/staged", Body=b"still here")
    s3.delete_object(Bucket="swapped", Key="main/t/002")
    upload = s3.create_multipart_upload(Bucket="swapped", Key="main/left/open")
    s3.upload_part(Bucket="swapped", Key="main/left/open", UploadId=upload["UploadId"], PartNumber=1, Body=b"part")

