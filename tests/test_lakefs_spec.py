"""Data frames through fsspec: lakefs-spec with pandas and pyarrow on a real server."""

import fsspec
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest
from lakefs_spec import LakeFSFileSystem


@pytest.fixture
def filesystem(server):
    fsspec.config.conf["lakefs"] = {
        "host": server.endpoint, "username": server.access_key, "password": server.secret_key}
    yield LakeFSFileSystem(host=server.endpoint, username=server.access_key, password=server.secret_key,
                           use_listings_cache=False, skip_instance_cache=True)
    fsspec.config.conf.pop("lakefs")


@pytest.fixture
def frame():
    return pandas.DataFrame({"city": ["Oslo", "Rome", "Lima"] * 1000, "degrees": [3.5, 21.0, 19.25] * 1000})


def test_a_frame_is_written_and_read_as_parquet(filesystem, repo, frame):
    uri = f"lakefs://{repo}/main/weather/today.parquet"

    frame.to_parquet(uri)
    back = pandas.read_parquet(uri)

    pandas.testing.assert_frame_equal(back, frame)
    assert filesystem.exists(uri.removeprefix("lakefs://"))
    assert list(pandas.read_parquet(uri, columns=["degrees"]).columns) == ["degrees"]


def test_a_partitioned_dataset_is_written_and_filtered(filesystem, repo, frame):
    root = f"{repo}/main/by-city"

    pyarrow.parquet.write_to_dataset(pyarrow.Table.from_pandas(frame), root, partition_cols=["city"],
                                     filesystem=filesystem)
    dataset = pyarrow.dataset.dataset(root, filesystem=filesystem, partitioning="hive")

    assert dataset.count_rows() == 3000
    rome = dataset.to_table(filter=pyarrow.dataset.field("city") == "Rome").to_pandas()
    assert len(rome) == 1000 and set(rome["degrees"]) == {21.0}


def test_files_are_listed_copied_moved_and_removed(filesystem, repo, tmp_path):
    root = f"{repo}/main"
    filesystem.pipe(f"{root}/a/one.txt", b"one")
    filesystem.pipe(f"{root}/a/two.txt", b"two")
    filesystem.cp_file(f"{root}/a/one.txt", f"{root}/b/one.txt")
    (tmp_path / "three.txt").write_bytes(b"three")
    filesystem.put(str(tmp_path / "three.txt"), f"{root}/b/three.txt")

    assert sorted(filesystem.find(root + "/")) == [
        f"{root}/{path}" for path in ("a/one.txt", "a/two.txt", "b/one.txt", "b/three.txt")]
    assert sorted(e["name"].rstrip("/") for e in filesystem.ls(root + "/")) == [f"{root}/a", f"{root}/b"]
    assert filesystem.cat(f"{root}/b/three.txt") == b"three"
    assert filesystem.cat_file(f"{root}/b/three.txt", start=1, end=3) == b"hr"
    assert filesystem.info(f"{root}/b/three.txt")["size"] == 5
    filesystem.get(f"{root}/a/two.txt", str(tmp_path / "two.txt"))
    assert (tmp_path / "two.txt").read_bytes() == b"two"
    filesystem.rm(f"{root}/a/", recursive=True)
    assert not filesystem.exists(f"{root}/a/one.txt")
    with pytest.raises(FileNotFoundError):
        filesystem.cat(f"{root}/a/one.txt")


def test_a_transaction_is_all_or_nothing(filesystem, repo, frame):
    with filesystem.transaction(repo, "main") as tx:
        frame.to_parquet(f"lakefs://{repo}/{tx.branch.id}/tx/a.parquet")
        tx.commit(message="add a frame")
    assert filesystem.exists(f"{repo}/main/tx/a.parquet")

    with pytest.raises(RuntimeError), filesystem.transaction(repo, "main") as tx:
        filesystem.pipe(f"{repo}/{tx.branch.id}/tx/b", b"b")
        raise RuntimeError("no")
    assert not filesystem.exists(f"{repo}/main/tx/b")


def test_a_transaction_tags_merges_and_reverts(filesystem, repo):
    with filesystem.transaction(repo, "main") as tx:
        filesystem.pipe(f"{repo}/{tx.branch.id}/t", b"1")
        tx.commit(message="one")
        tx.tag("main", "v1")
        assert tx.rev_parse("v1").message == "Repository created"
    assert filesystem.cat(f"{repo}/main/t") == b"1"
    with filesystem.transaction(repo, "main") as tx:
        filesystem.pipe(f"{repo}/{tx.branch.id}/t", b"2")
        tx.commit(message="two")
        tx.merge(tx.branch, "main")
        tx.revert("main", "main", parent_number=1)
    assert filesystem.cat(f"{repo}/main/t") == b"1"
