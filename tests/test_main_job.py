"""The main job on real files: a time-zone database and a documentation tree, versioned end to end."""

import concurrent.futures
import hashlib
import pathlib
import threading
import urllib.parse
import uuid

import botocore.exceptions
import lakefs
import lakefs.exceptions
import pytest

from support.clients import KeptConnection
from support.sigv4 import S3Connection

FILES_MIN = 2000


def real_files():
    """Paths as keys, real files as contents: at least FILES_MIN of them."""
    found = {}
    for root in ("/usr/share/zoneinfo", "/usr/share/doc", "/usr/include/boost/asio"):
        for path in sorted(pathlib.Path(root).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 4_000_000:
                found[f"{root.rsplit('/', 1)[1]}/{path.relative_to(root)}"] = path.read_bytes()
        if len(found) >= FILES_MIN + 500:
            break
    assert len(found) >= FILES_MIN, "this machine has too few files for the test"
    return dict(list(found.items())[:FILES_MIN + 500])


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(function, items))


class Lake:
    """One repository seen through S3 and REST, and what it must hold."""

    def __init__(self, server, s3, repo):
        self.server, self.s3, self.repo = server, s3, repo
        self.doors = threading.local()  # connections for the many reads, of each thread

    def upload(self, branch, files):
        def put(item):
            answer = self.s3.put_object(Bucket=self.repo, Key=f"{branch}/{item[0]}", Body=item[1])
            assert answer["ETag"] == f'"{hashlib.md5(item[1]).hexdigest()}"'
        in_parallel(put, files.items())

    def keys(self, ref):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.repo, Prefix=f"{ref}/")
        return [o["Key"].split("/", 1)[1] for page in pages for o in page.get("Contents", [])]

    def assert_holds(self, ref, files):
        """Every file and no other is at `ref`, byte for byte, through both doors."""
        assert self.keys(ref) == sorted(files, key=str.encode)

        def check(item):
            path, content = item
            if not hasattr(self.doors, "s3"):
                self.doors.s3, self.doors.rest = S3Connection(self.server), KeptConnection(self.server)
            through_s3 = self.doors.s3.call("GET", f"{self.repo}/{ref}/{path}")
            assert through_s3 == (200, content), f"{path} at {ref} differs through S3"
            quoted = urllib.parse.quote(path, safe="")
            through_rest = self.doors.rest.call("GET", f"/repositories/{self.repo}/refs/{ref}/objects?path={quoted}")
            assert through_rest == (200, content), f"{path} at {ref} differs through REST"
        in_parallel(check, files.items())


def differences(branch, other):
    return {(d.type, d.path) for d in branch.diff(other_ref=other, max_amount=None)}


@pytest.fixture
def repository(server, lake):
    name = "job-" + uuid.uuid4().hex[:12]
    return lakefs.Repository(name, client=lake).create(storage_namespace=server.namespace(name))


def test_real_files_are_versioned_end_to_end(repository, server, s3):
    world = Lake(server, s3, repository.id)
    files = real_files()
    main = repository.branch("main")

    world.upload("main", files)
    first = main.commit("real files", metadata={"source": "debian"}).get_commit()
    repository.tag("v1").create("main")

    paths = sorted(files)
    changed = {path: files[path] + b"\nchanged" for path in paths[:40]}
    added = {f"new/{i:03}.bin": bytes([i]) * (i * 1000) for i in range(40)}
    removed = set(paths[-40:])
    work = repository.branch("work").create("main")
    world.upload("work", changed | added)
    for path in sorted(removed)[:20]:
        s3.delete_object(Bucket=repository.id, Key=f"work/{path}")
    s3.delete_objects(Bucket=repository.id, Delete={
        "Objects": [{"Key": f"work/{path}"} for path in sorted(removed)[20:]]})
    expected = ({("changed", p) for p in changed} | {("added", p) for p in added}
                | {("removed", p) for p in removed})
    assert {(d.type, d.path) for d in work.uncommitted(max_amount=None)} == expected
    second = work.commit("change, add and delete").get_commit()
    assert differences(main, "work") == expected

    work.merge_into(main)
    after = {p: c for p, c in (files | changed | added).items() if p not in removed}
    assert differences(main, "work") == set()

    disputed = paths[50]
    ours, theirs = repository.branch("ours").create("main"), repository.branch("theirs").create("main")
    world.upload("ours", {disputed: b"ours"})
    ours.commit("ours")
    world.upload("theirs", {disputed: b"theirs"})
    theirs.commit("theirs")
    ours.merge_into(main)
    with pytest.raises(lakefs.exceptions.ConflictException):
        theirs.merge_into(main)
    world.assert_holds("main", after | {disputed: b"ours"})
    theirs.merge_into(main, strategy="source-wins")

    for ref, content in {
        first.id: files, "v1": files, second.id: after, "work": after,
        "ours": after | {disputed: b"ours"}, "main": after | {disputed: b"theirs"},
    }.items():
        world.assert_holds(ref, content)


def test_a_missing_object_is_not_found_through_both_doors(repo, s3, rest):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.get_object(Bucket=repo, Key="main/none")
    status, answer = rest.call("GET", f"/repositories/{repo}/refs/main/objects?path=none")

    assert refused.value.response["Error"]["Code"] == "NoSuchKey"
    assert (status, "message" in answer) == (404, True)
