"""lakeFS's Python wrapper, `lakefs` from PyPI: every public method at least once, against a real server."""

import datetime
import inspect
import io
import uuid

import lakefs
import lakefs.branch
import lakefs.exceptions
import lakefs.import_manager
import lakefs.object
import lakefs_sdk
import pytest

from support.clients import lakefs_client
from support.server import Server
from support.stores import IMPORTS

CLASSES = [
    lakefs.client.Client, lakefs.client.ServerConfiguration, lakefs.import_manager.ImportManager,
    lakefs.Repository, lakefs.reference.Reference, lakefs.tag.Tag, lakefs.branch.Branch,
    lakefs.branch._BaseBranch, lakefs.branch._Transaction, lakefs.branch.Transaction,
    lakefs.object.StoredObject, lakefs.object.WriteableObject, lakefs.object.LakeFSIOBase,
    lakefs.object.ObjectReader, lakefs.object.ObjectWriter,
]
# What only an AWS account's login has.
ELSEWHERE = {"Client.reset_time"}


class Called:
    """Wraps every public function and property of the classes and remembers which ran."""

    def __init__(self, monkeypatch):
        self.all, self.seen = set(), set()
        for owner in CLASSES:
            for name, member in list(vars(owner).items()):
                if name.startswith("_"):
                    continue
                label = f"{owner.__name__}.{name}"
                if isinstance(member, property):
                    self.all.add(label)
                    monkeypatch.setattr(owner, name, property(
                        self.wrap(label, member.fget), member.fset and self.wrap(label, member.fset)))
                elif inspect.isfunction(member):
                    self.all.add(label)
                    monkeypatch.setattr(owner, name, self.wrap(label, member))

    def missing(self):
        """What did not run; of a base class's method, neither it nor what replaces it in a derived class."""
        replaced = {f"{base.__name__}.{label.split('.')[1]}" for label in self.seen
                    for owner in CLASSES if owner.__name__ == label.split(".")[0] for base in owner.__mro__[1:]}
        return self.all - self.seen - replaced

    def wrap(self, label, function):
        def counted(*arguments, **options):
            self.seen.add(label)
            return function(*arguments, **options)
        return counted


@pytest.fixture(scope="module")
def importing():
    """A server that may import."""
    running = Server(IMPORTS).start().set_up()
    yield running
    running.discard()


def repositories_and_refs(client, repo, namespace):
    assert lakefs.repository(repo.id, client=client).create(namespace, exist_ok=True).id == repo.id
    with pytest.raises(lakefs.exceptions.ConflictException):
        lakefs.repository(repo.id, client=client).create(f"{namespace}-2")
    assert repo.properties.default_branch == "main"
    assert repo.metadata == {"purpose": "test"}
    assert repo.id in [r.id for r in lakefs.repositories(client=client)]
    main = repo.branch("main")
    assert repo.ref("main").id == "main" and main.repo_id == repo.id
    assert repo.commit(main.head.id).get_commit().message == "Repository created"
    assert [b.id for b in repo.branches(prefix="ma")] == ["main"]
    tag = repo.tag("v0").create(main)
    assert repo.tag("v0").create(main, exist_ok=True).get_commit().id == main.head.id
    with pytest.raises(lakefs.exceptions.ConflictException):
        repo.tag("v0").create(main)
    assert [t.id for t in repo.tags()] == ["v0"]
    tag.delete()
    assert list(repo.tags()) == []
    with pytest.raises(lakefs.exceptions.NotFoundException):
        tag.delete()


def objects(repo):
    main = repo.branch("main")
    stored = main.object("folder/a.txt").upload("alpha\nbeta\ngamma", content_type="text/plain", metadata={"k": "v"})
    assert (stored.repo, stored.ref, stored.path) == (repo.id, "main", "folder/a.txt")
    assert stored.exists() and not repo.ref("main").object("nosuch").exists()
    info = stored.stat()
    assert (info.size_bytes, info.content_type, info.metadata) == (16, "text/plain", {"k": "v"})
    assert isinstance(stored.storage_id(), str)
    with pytest.raises(lakefs.exceptions.ObjectExistsException):
        stored.upload("again", mode="x")
    main.object("folder/x.txt").upload(b"x", mode="xb")
    with pytest.raises(lakefs.exceptions.ObjectNotFoundException):
        main.object("nosuch").reader().read()
    copy = stored.copy("main", "folder/copy.txt")
    assert copy.reader("r").read() == "alpha\nbeta\ngamma"
    copy.delete()
    assert not copy.exists()
    assert [o.path for o in main.objects(prefix="folder/")] == ["folder/a.txt", "folder/x.txt"]
    assert [p.path for p in main.objects(delimiter="/")] == ["folder/"]
    assert sorted(c.path for c in main.uncommitted()) == ["folder/a.txt", "folder/x.txt"]


def reading_and_writing(repo):
    thing = repo.branch("main").object("io.bin")
    with thing.writer("wb", content_type="application/x-bits", metadata={"a": "1"}) as writer:
        assert writer.writable() and not writer.readable() and not writer.seekable() and not writer.closed
        assert writer.mode == "wb" and writer.name == "io.bin" and writer.tell() == 0
        writer.pre_sign = False
        assert writer.pre_sign is False
        assert writer.write(b"0123456789") == 10
        assert writer.write(b"\nline two\nline three") == 20
        writer.flush()
        for refused in (lambda: writer.read(1), lambda: writer.seek(0), lambda: writer.writelines([b"x"])):
            with pytest.raises(io.UnsupportedOperation):
                refused()
    with thing.writer("wb") as writer:
        writer.write(b"never stored")
        writer.discard()
    with thing.reader("rb") as reader:
        assert reader.readable() and reader.seekable() and not reader.writable() and not reader.closed
        reader.pre_sign = False
        assert reader.pre_sign is False
        assert reader.read(4) == b"0123" and reader.tell() == 4
        assert reader.seek(-2, 2) == 28 and reader.read() == b"ee"
        reader.seek(0)
        assert reader.readline() == b"0123456789\n"
        assert reader.readline() == b"line two\n" and not reader.isatty()
        reader.flush()
        for refused in (lambda: reader.write(b"no"), reader.readlines, reader.fileno, reader.truncate):
            with pytest.raises(io.UnsupportedOperation):
                refused()
    reader = thing.reader("rb")
    reader.close()
    assert reader.closed


def history(repo):
    main = repo.branch("main")
    first = main.commit("first", metadata={"step": "1"})
    assert first.get_commit().metadata == {"step": "1"}
    assert main.get_commit().id == first.id
    dev = repo.branch("dev").create(main)
    assert repo.branch("dev").create(main, exist_ok=True).id == "dev"
    dev.object("new.txt").upload("new")
    picked = dev.commit("add new")
    assert [(c.type, c.path) for c in main.diff(dev)] == [("added", "new.txt")]
    merge = repo.ref("dev").merge_into(main, message="merge dev")
    assert repo.commit(merge).get_commit().message == "merge dev"
    assert [c.message for c in main.log(max_amount=2)] == ["merge dev", "add new"]
    assert main.revert(merge, parent_number=1).message == f"Revert {merge}"
    assert not main.object("new.txt").exists()
    copied = main.cherry_pick(picked)
    assert copied.message == "add new" and copied.metadata["cherry-pick-origin"] == picked.id
    with pytest.raises(lakefs.exceptions.BadRequestException):
        main.commit("nothing to commit")
    for path in ("r/1", "r/2", "s"):
        main.object(path).upload("x")
    main.reset_changes("object", "s")
    main.reset_changes("common_prefix", "r/")
    main.object("t").upload("x")
    main.reset_changes()
    assert list(main.uncommitted()) == []
    main.delete_objects(["io.bin", main.object("folder/x.txt")])
    assert sorted((c.type, c.path) for c in main.uncommitted()) == [("removed", "folder/x.txt"), ("removed", "io.bin")]
    main.reset_changes()
    dev.delete()
    with pytest.raises(lakefs.exceptions.NotFoundException):
        dev.get_commit()


def transactions(repo):
    main = repo.branch("main")
    with main.transact(commit_message="in one go", tag="after") as tx:
        assert tx.source_id == "main" and tx.tag == "after" and tx.commit_metadata is None
        assert tx.commit_message == "in one go"
        tx.commit_message, tx.commit_metadata, tx.tag = "all at once", {"by": "test"}, "after-tx"
        tx.object("tx/1").upload("1")
        assert not main.object("tx/1").exists()
    assert main.object("tx/1").exists()
    assert repo.tag("after-tx").get_commit().id == main.head.id
    log = list(main.log(max_amount=2))
    assert log[0].message.startswith("Merge transaction tx-") and log[1].message == "all at once"
    with pytest.raises(RuntimeError), main.transact() as tx:
        tx.object("tx/2").upload("2")
        raise RuntimeError("no")
    assert not main.object("tx/2").exists()
    with pytest.raises(lakefs.exceptions.TransactionException), main.transact(commit_message="empty"):
        pass
    assert [b.id for b in repo.branches(show_hidden=True)] == ["main"]


def imports(repo, source):
    main, (folder, address) = repo.branch("main"), source
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(name)
    manager = main.import_data("bring in", metadata={"from": "disk"})
    manager.prefix(f"{address}/", "in/").object(f"{address}/a.csv", "single.csv")
    done = manager.run(datetime.timedelta(milliseconds=100))
    assert done.completed and done.ingested_objects == 3 and done.commit.message == "bring in"
    assert main.object("in/b.csv").reader("r").read() == "b.csv"
    assert main.object("single.csv").exists()
    again = main.import_data().prefix(f"{address}/", "again/")
    assert again.start() == again.import_id
    again.wait(datetime.timedelta(milliseconds=100))
    assert again.status().completed
    with pytest.raises(lakefs.exceptions.ConflictException):
        again.cancel()


def test_every_method_of_the_wrapper_works(importing, monkeypatch, tmp_path):
    blocks, namespace = importing.stores.blocks, importing.namespace("wrapper")
    called = Called(monkeypatch)
    client = lakefs_client(importing)
    assert client.config is not None and client.sdk_client is not None and client.version
    configuration = lakefs.client.ServerConfiguration(client)
    assert configuration.version == client.version
    assert configuration.storage_config.blockstore_type == blocks.kind
    assert client.storage_config.blockstore_type == blocks.kind == client.storage_config_by_id().blockstore_type
    repo = lakefs.Repository("wrapper", client=client).create(namespace)
    # The wrapper has no way to write what it reads as `metadata`.
    client.sdk_client.internal_api.set_repository_metadata(
        "wrapper", lakefs_sdk.RepositoryMetadataSet(metadata={"purpose": "test"}))

    repositories_and_refs(client, repo, namespace)
    objects(repo)
    reading_and_writing(repo)
    history(repo)
    transactions(repo)
    imports(repo, blocks.outside(tmp_path))
    repo.delete()

    with pytest.raises(lakefs.exceptions.NotFoundException):
        lakefs.Repository("wrapper", client=client).properties
    assert sorted(called.missing() - ELSEWHERE) == []


def test_the_wrapper_says_who_may_not(importing):
    stranger = lakefs.Client(host=importing.endpoint, username="AKIAIOSFDNN7UNKNOWNQ", password="wrong")

    with pytest.raises(lakefs.exceptions.NotAuthorizedException):
        list(lakefs.repositories(client=stranger))


def test_protected_branches_are_forbidden(importing):
    client = lakefs_client(importing)
    name = "guarded-" + uuid.uuid4().hex[:8]
    repo = lakefs.Repository(name, client=client).create(importing.namespace(name))
    rule = lakefs_sdk.BranchProtectionRule(pattern="main")
    client.sdk_client.repositories_api.set_branch_protection_rules(name, [rule])

    with pytest.raises(lakefs.exceptions.ForbiddenException):
        repo.branch("main").object("a").upload("a", pre_sign=False)
