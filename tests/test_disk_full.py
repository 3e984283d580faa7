"""The embedded default on a disk that becomes full: what is refused, what stays readable, and how it goes on."""

import contextlib
import os
import subprocess

import pytest

from support.clients import Rest
from support.crowd import LOST, Crowd, missing
from support.server import Server
from support.sigv4 import S3Connection

MIB = 1024 * 1024
DISK_MIB, LARGER_MIB = 96, 512

pytestmark = [
    pytest.mark.only_on("rocksdb", "local"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system"),
]


class SmallDisk:
    """A file system of a fixed size, which can be made larger."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "none", folder], check=True)

    def fill(self):
        with open(self.folder / "ballast", "ab", buffering=0) as ballast:
            for size in (MIB, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(bytes(size))

    def enlarge(self):
        subprocess.run(["mount", "-o", f"remount,size={LARGER_MIB}m", self.folder], check=True)

    def discard(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def disk(tmp_path):
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.discard()


@pytest.fixture
def server(disk):
    settings = {"TARN_DATA_FOLDER": str(disk.folder / "data"),
                "TARN_BLOCKSTORE_LOCAL_FREE_BYTES_MIN": str(24 * MIB), "TARN_DATABASE_LOCAL_FREE_BYTES_MIN": str(8 * MIB)}
    started = Server(settings).start().set_up()
    started.make_repository("lake")
    yield started
    started.discard()


def test_a_full_disk_refuses_uploads_by_name_and_loses_nothing(server, disk):
    rest, sizes = Rest(server), [MIB, MIB, 64 * 1024]
    crowd = Crowd([server], "lake", ["main"] * len(sizes), [],
                  content=lambda number, i: (f"{number}/{i:05}", os.urandom(sizes[number])),
                  # A refusal may come while the client still sends, to whom it is a connection that ended.
                  tolerates=lambda status, answer: status == LOST or status == 507 and b"full" in answer)
    status, first = rest.call("POST", "/repositories/lake/branches/main/commits", {"message": "1", "allow_empty": True})
    assert status == 201, first

    crowd.run(crowd.until, lambda: crowd.refused[507] > 5)

    assert not crowd.wrong, crowd.wrong[:3]
    assert crowd.writes() > 30
    assert not crowd.missing(server)

    disk.enlarge()
    status, answer = S3Connection(server).call("PUT", "lake/main/later", body=b"there is space again")
    assert status == 200, answer
    status, commit = rest.call("POST", "/repositories/lake/branches/main/commits", {"message": "all"})
    assert status == 201, commit

    server.kill()
    server.start()
    assert not crowd.missing(server)
    assert S3Connection(server).call("GET", "lake/main/later") == (200, b"there is space again")
    assert [c["id"] for c in rest.all("/repositories/lake/refs/main/commits")][:2] == [commit["id"], first["id"]]


def test_rows_that_no_longer_fit_are_refused_and_written_when_there_is_space_again(server, disk):
    s3 = S3Connection(server)
    kept = {f"{i:05}": os.urandom(100) for i in range(100)}
    for key, body in kept.items():
        assert s3.call("PUT", f"lake/main/{key}", body=body)[0] == 200
    disk.fill()

    refused = [s3.call("DELETE", f"lake/main/{key}") for key in kept]
    status, answer = Rest(server).call("POST", "/repositories/lake/branches", {"name": "side", "source": "main"}, raw=True)

    assert {status for status, _ in refused} == {507} and b"StorageFull" in refused[0][1]
    assert status == 507 and b"embedded store is full" in answer
    assert not missing(server, "lake", "main", kept)

    disk.enlarge()
    assert s3.call("DELETE", "lake/main/00000")[0] == 204
    server.kill()
    server.start()
    assert not missing(server, "lake", "main", kept | {"00000": None})
