"""lakeFS's Python wrapper on objects: through the server and, on an S3 store, through presigned URLs.

`pre_sign` is always given: the wrapper keeps what it knows of stores in one place for all servers of a process.
"""

import csv
import datetime
import json
import os
import urllib.request

import lakefs
import lakefs.exceptions
import lakefs.object
import lakefs_sdk
import pytest

from support import versitygw

SOON = datetime.timedelta(milliseconds=50)
NAMES = ["plain", "in a folder/with spaces", "a+b&c=d?e#f", "100%", "%41", "ümläut/日本語", "/first", "last/", "a//b"]


@pytest.fixture
def main(lake, repo):
    """A new repository's branch `main`."""
    return lakefs.Repository(repo, client=lake).branch("main")


@pytest.fixture(params=[pytest.param(False, id="direct"),
                        pytest.param(True, id="presigned", marks=pytest.mark.only_on("s3"))])
def place(request, main):
    """The branch, and whether to go by presigned URLs."""
    return main, request.param


def test_objects_come_back_as_they_were_written(place):
    main, pre_sign = place
    for mode in ("w", "wb", "x", "xb"):
        for data in ("text, ü", b"\x00\xff\r\n", "", b""):
            path = f"{mode}/{type(data).__name__}/{len(data)}"
            raw = data.encode() if isinstance(data, str) else data
            main.object(path).upload(data, mode, pre_sign, content_type="text/x-odd", metadata={"key": "value"})
            info = main.object(path).stat()
            assert (info.size_bytes, info.content_type, info.metadata) == (len(raw), "text/x-odd", {"key": "value"})
            with main.object(path).reader("rb", pre_sign) as reader:
                assert reader.read() == raw
            if isinstance(data, str):
                with main.object(path).reader("r", pre_sign) as reader:
                    assert reader.read() == data


def test_any_name_works(place):
    main, pre_sign = place
    for name in NAMES:
        main.object(name).upload(name, pre_sign=pre_sign)
    assert [o.path for o in main.objects()] == sorted(NAMES, key=str.encode)
    for name in NAMES:
        assert main.object(name).reader("r", pre_sign).read() == name
        main.object(name).copy("main", name + "-copy")
        main.object(name).delete()
        assert not main.object(name).exists() and main.object(name + "-copy").exists()


def test_exclusive_creation_never_replaces(place):
    main, pre_sign = place
    thing = main.object("once")
    thing.upload("first", "x", pre_sign)
    for mode in ("x", "xb"):
        with pytest.raises(lakefs.exceptions.ObjectExistsException):
            thing.upload("second", mode, pre_sign)
        with pytest.raises(FileExistsError):
            thing.writer(mode, pre_sign)
    late = main.object("raced").writer("x", pre_sign)
    late.write("loser")
    main.object("raced").upload("winner", pre_sign=pre_sign)
    with pytest.raises(lakefs.exceptions.ObjectExistsException):
        late.close()
    assert thing.reader("r", pre_sign).read() == "first"
    assert main.object("raced").reader("r", pre_sign).read() == "winner"


def test_readers_seek_and_read_as_files_do(place):
    main, pre_sign = place
    data = os.urandom(1000)
    thing = main.object("data").upload(data, pre_sign=pre_sign)
    with thing.reader("rb", pre_sign) as reader:
        assert reader.read(10) == data[:10] and reader.tell() == 10
        assert reader.seek(5, os.SEEK_CUR) == 15 and reader.read(1) == data[15:16]
        assert reader.seek(-3, os.SEEK_END) == 997 and reader.read(100) == data[-3:]
        assert reader.read(1) == b"" and reader.read() == b""
        assert reader.seek(5000) == 5000 and reader.read() == b""
        with pytest.raises(OSError):
            reader.seek(-1)
    with pytest.raises(ValueError):
        reader.read()
    empty = main.object("empty").upload(b"", pre_sign=pre_sign)
    with empty.reader("rb", pre_sign) as reader:
        assert reader.read(10) == b"" and reader.read() == b""


def test_lines_and_libraries_of_python_work(place):
    main, pre_sign = place
    rows = [["name", "note"], ["a", "one, two"], ["b", 'say "x"']]
    with main.object("t.csv").writer("w", pre_sign) as file:
        csv.writer(file).writerows(rows)
    with main.object("t.json").writer("w", pre_sign) as file:
        json.dump({"rows": rows}, file)
    assert list(csv.reader(main.object("t.csv").reader("r", pre_sign))) == rows
    assert json.load(main.object("t.json").reader("r", pre_sign)) == {"rows": rows}
    main.object("lines").upload("one\ntwo\n\nlast", pre_sign=pre_sign)
    with main.object("lines").reader("r", pre_sign) as reader:
        assert reader.readline(2) == "on" and reader.readline() == "e\n"
        assert list(reader) == ["two\n", "\n", "last"] and reader.readline() == ""


def test_what_outgrows_the_buffer_is_written_whole(place, monkeypatch):
    monkeypatch.setattr(lakefs.object, "_WRITER_BUFFER_SIZE", 1000)
    main, pre_sign = place
    with main.object("large").writer("wb", pre_sign) as writer:
        for block in range(300):
            writer.write(bytes([block % 256]) * 10_000)
            writer.flush()
    with main.object("large").reader("rb", pre_sign) as reader:
        assert reader.read() == b"".join(bytes([block % 256]) * 10_000 for block in range(300))


def test_nothing_is_written_where_it_may_not_be_or_something_went_wrong(place):
    main, pre_sign = place
    with pytest.raises(RuntimeError), main.object("broken").writer("w", pre_sign) as writer:
        writer.write("half")
        raise RuntimeError
    assert not main.object("broken").exists()
    repo = lakefs.Repository(main.repo_id, client=main._client)
    guarded = repo.branch("guarded").create("main")
    main._client.sdk_client.repositories_api.set_branch_protection_rules(
        repo.id, [lakefs_sdk.BranchProtectionRule(pattern="guarded")])
    with pytest.raises((lakefs.exceptions.ForbiddenException, lakefs_sdk.exceptions.ForbiddenException)):
        guarded.object("a").upload("a", pre_sign=pre_sign)
    with pytest.raises(PermissionError):
        guarded.object("a").delete()
    with pytest.raises(lakefs.exceptions.ForbiddenException):
        guarded.commit("m")
    assert not guarded.object("a").exists()


def test_what_does_not_exist_is_told_by_its_exception(place):
    main, pre_sign = place
    repo = lakefs.Repository(main.repo_id, client=main._client)
    for ref in (main, repo.branch("nosuch"), repo.ref("0" * 64), lakefs.Repository("nosuch", main._client).ref("main")):
        assert not ref.object("nosuch").exists()
        with pytest.raises(FileNotFoundError):
            ref.object("nosuch").stat()
        with pytest.raises(FileNotFoundError):
            lakefs.object.StoredObject(main.repo_id, ref.id, "nosuch", main._client).reader("rb", pre_sign).read()
        with pytest.raises(lakefs.exceptions.NotFoundException):
            ref.object("nosuch").copy("main", "copy")
    for call in (lambda: list(repo.ref("nosuch").objects()), lambda: list(repo.ref("nosuch").log()),
                 lambda: list(main.diff("nosuch")), lambda: repo.ref("nosuch").merge_into(main),
                 lambda: repo.branch("nosuch").commit("m"), lambda: repo.branch("nosuch").delete(),
                 lambda: main.revert("nosuch"), lambda: main.cherry_pick("nosuch"),
                 lambda: repo.branch("new").create("nosuch"), lambda: repo.tag("new").create("nosuch"),
                 lambda: repo.branch("nosuch").head, lambda: list(repo.branch("nosuch").uncommitted()),
                 lambda: main.object("x").upload("x", pre_sign=pre_sign).copy("nosuch", "x")):
        with pytest.raises(lakefs.exceptions.NotFoundException):
            call()
    with pytest.raises((lakefs.exceptions.NotFoundException, lakefs_sdk.exceptions.NotFoundException)):
        repo.branch("nosuch").object("x").upload("x", pre_sign=pre_sign)
    with pytest.raises(lakefs.exceptions.BadRequestException):
        list(repo.ref("main~x").log())
    main.object("never-was").delete()


@pytest.mark.only_on("s3")
def test_presigned_addresses_lead_to_the_store(main):
    stat = main.object("a").upload("content", pre_sign=True).stat(pre_sign=True)
    with urllib.request.urlopen(stat.physical_address, timeout=30) as answer:
        assert answer.read() == b"content"


@pytest.mark.only_on("local")
def test_a_local_store_has_no_presigned_addresses(main):
    local = main.object("a").upload("content", pre_sign=False)
    with pytest.raises(lakefs.exceptions.BadRequestException):
        local.stat(pre_sign=True)
    with pytest.raises(lakefs.exceptions.BadRequestException):
        local.reader("rb", pre_sign=True).read()


def test_conflicts_are_told_by_their_exception(place):
    main, pre_sign = place
    repo = lakefs.Repository(main.repo_id, client=main._client)
    main.object("a").upload("base", pre_sign=pre_sign)
    main.commit("base")
    dev = repo.branch("dev").create("main")
    for branch in (main, dev):
        branch.object("a").upload(branch.id, pre_sign=pre_sign)
        branch.commit("changed")
    for call in (lambda: dev.merge_into(main), lambda: main.cherry_pick(dev), lambda: main.revert("main~1"),
                 lambda: repo.branch("dev").create("main"), lambda: repo.create(repo.properties.storage_namespace)):
        with pytest.raises(lakefs.exceptions.ConflictException):
            call()
    for strategy, winner in (("dest-wins", "main"), ("source-wins", "dev")):
        into = repo.branch(strategy).create("main")
        dev.merge_into(into, strategy=strategy)
        assert into.object("a").reader("r", pre_sign).read() == winner
        with pytest.raises(lakefs.exceptions.BadRequestException):
            dev.merge_into(into)  # nothing is left to merge
    with pytest.raises(lakefs.exceptions.ForbiddenException):
        main.delete()


def test_a_transaction_that_conflicts_leaves_the_branch_alone(place):
    main, pre_sign = place
    repo = lakefs.Repository(main.repo_id, client=main._client)
    with pytest.raises(lakefs.exceptions.TransactionException), main.transact(commit_message="in vain") as tx:
        tx.object("a").upload("of the transaction", pre_sign=pre_sign)
        main.object("a").upload("of the branch", pre_sign=pre_sign)
        main.commit("faster")
    assert main.object("a").reader("r", pre_sign).read() == "of the branch"
    with pytest.raises(ZeroDivisionError), main.transact(delete_branch_on_error=False) as tx:
        tx.object("b").upload("kept", pre_sign=pre_sign)
        raise ZeroDivisionError
    assert repo.branch(tx.id).object("b").exists() and not main.object("b").exists()
    assert tx.id not in [b.id for b in repo.branches()]
    assert tx.id in [b.id for b in repo.branches(show_hidden=True)]
    with pytest.raises(lakefs.exceptions.NotFoundException), repo.branch("nosuch").transact():
        pass


@pytest.mark.only_on("s3")
def test_objects_of_a_bucket_are_imported(main, server, tmp_path):
    folder, address = server.stores.blocks.outside(tmp_path)
    for number in range(3):
        (folder / f"{number}").write_text(str(number))
    manager = main.import_data("from the bucket", metadata={"k": "v"})
    manager.prefix(f"{address}/", "all/").object(f"{address}/1", "one")

    done = manager.run(SOON)

    assert done.completed and done.ingested_objects == 4 and done.commit.metadata["k"] == "v"
    assert [o.path for o in main.objects()] == ["all/0", "all/1", "all/2", "one"]
    for pre_sign in (True, False):
        assert main.object("all/2").reader("r", pre_sign).read() == "2"
    for refused in (manager.start, lambda: manager.prefix("s3://x/", ""), main.import_data().wait,
                    main.import_data().cancel, main.import_data().status):
        with pytest.raises(lakefs.exceptions.ImportManagerException):
            refused()
    with pytest.raises(lakefs.exceptions.ConflictException):
        manager.cancel()
    with pytest.raises(lakefs.exceptions.BadRequestException):
        main.import_data().prefix("local:///tmp/", "").start()
    main.object("dirt").upload("x", pre_sign=False)
    with pytest.raises(lakefs.exceptions.ImportManagerException, match="dirty branch"):
        main.import_data().object(f"{address}/1", "one").run(SOON)


@pytest.mark.only_on("s3")
def test_the_store_has_what_the_wrapper_wrote(main, server):
    """The bytes of a presigned upload went to the bucket, not through the server."""
    address = main.object("a").upload("straight", pre_sign=True).stat().physical_address

    assert server.stores.blocks.file(address).read_text() == "straight"
    assert versitygw.ACCESS_KEY not in address
