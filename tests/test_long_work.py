"""What goes on after its request: imports, dumps and restores, and the preparation of garbage collection."""

import csv
import io
import time
import urllib.error
import urllib.request
import uuid
from datetime import timedelta

import lakefs.exceptions
import lakefs_sdk
import pyarrow.parquet
import pytest

import lakefs
from support.clients import Rest, lakefs_client
from support.server import Server
from support.stores import IMPORTS

SOON = timedelta(milliseconds=50)


@pytest.fixture(scope="module")
def importing():
    running = Server(IMPORTS).start().set_up()
    yield running
    log, status = running.log(), running.stop()
    running.discard()
    assert status == 0, f"the server ended with {status}:\n{log[-5000:]}"
    assert "unexpected exception" not in log, log[-5000:]


@pytest.fixture
def client(importing):
    return lakefs_client(importing)


@pytest.fixture
def api(importing):
    return Rest(importing)


def new_repository(server, **more):
    return server.make_repository("repo-" + uuid.uuid4().hex[:12], **more)


def upload(api, repository, path, content=b"x", branch="main"):
    status, answer = api.call("POST", f"/repositories/{repository}/branches/{branch}/objects?path={path}", content)
    assert status == 201, answer
    return answer


def commit(api, repository, branch="main"):
    status, answer = api.call("POST", f"/repositories/{repository}/branches/{branch}/commits", {"message": "saved"})
    assert status == 201, answer
    return answer["id"]


def wait_for(ask, over, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if over(answer):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)


def end_of_import(api, repository, job):
    def ask():
        status, answer = api.call("GET", f"/repositories/{repository}/branches/main/import?id={job}")
        assert status == 200, answer
        return answer
    return wait_for(ask, lambda answer: answer["completed"] or "error" in answer)


def paths(client, repository, ref="main"):
    return [found.path for found in lakefs.Repository(repository, client=client).ref(ref).objects()]


def test_import_of_objects_of_the_store(importing, client, api):
    source, target = new_repository(importing), new_repository(importing)
    addresses = [upload(api, source, f"o{n}", f"object {n}".encode())["physical_address"] for n in range(3)]
    folder = addresses[0].rsplit("/", 1)[0] + "/"
    upload(api, target, "all/gone")
    upload(api, target, "stays")
    commit(api, target)
    branch = lakefs.Repository(target, client=client).branch("main")

    importer = branch.import_data(commit_message="imported", metadata={"job": "7"})
    importer.prefix(folder, "all/").object(addresses[1], "one/name")
    ended = importer.run(poll_interval=SOON)

    assert ended.completed and ended.error is None and ended.ingested_objects == 4
    assert ended.commit.metadata == {"job": "7", ".lakefs.merge.strategy": "source-wins"}
    assert ended.metarange_id == ended.commit.meta_range_id
    found = paths(client, target)
    assert "all/gone" not in found and "stays" in found and len(found) == 5
    assert branch.object("one/name").reader(mode="rb").read() == b"object 1"
    with pytest.raises(lakefs.exceptions.ConflictException):
        importer.cancel()


def test_import_of_nothing_is_a_commit(importing, client):
    branch = lakefs.Repository(new_repository(importing), client=client).branch("main")

    ended = branch.import_data(commit_message="nothing").run(poll_interval=SOON)

    assert ended.completed and ended.ingested_objects == 0
    assert branch.get_commit().message == "nothing"


def test_import_into_a_read_only_repository_needs_force(importing, api):
    source, target = new_repository(importing), new_repository(importing, read_only=True)
    address = upload(api, source, "x")["physical_address"]
    body = {"paths": [{"type": "object", "path": address, "destination": "x"}], "commit": {"message": "m"}}

    _, refused = api.call("POST", f"/repositories/{target}/branches/main/import", body)
    _, forced = api.call("POST", f"/repositories/{target}/branches/main/import", body | {"force": True})

    assert end_of_import(api, target, refused["id"])["error"] == {
        "message": "import error: merge import: read-only repository"}
    assert end_of_import(api, target, forced["id"])["completed"]


@pytest.mark.only_on("local")
def test_import_is_refused_where_it_is_not_enabled(rest, repo):
    body = {"paths": [{"type": "object", "path": "local:///tmp/x", "destination": "x"}], "commit": {"message": "m"}}

    assert rest.call("POST", f"/repositories/{repo}/branches/main/import", body) == (
        403, {"message": "import is not supported for this storage"})


def test_import_refuses_sources_around_the_repository(importing, api):
    repository = new_repository(importing)
    space, shown = importing.namespace(repository), upload(api, repository, "x")["physical_address"].rsplit("/data/", 1)[0]

    def start(path, kind="common_prefix"):
        return api.call("POST", f"/repositories/{repository}/branches/main/import",
                        {"paths": [{"type": kind, "path": path, "destination": "x"}], "commit": {"message": "m"}})

    for path in (f"{space}/data/", f"{shown}/data/"):
        status, answer = start(path)
        assert status == 400 and answer["message"].endswith("is prohibited: invalid import source"), answer
    for path in (importing.namespace(""), shown.removesuffix(repository), shown[:-1]):
        status, answer = start(path)
        assert status == 400 and answer["message"].endswith("invalid import source"), answer
        assert "contains repository namespace" in answer["message"]


def test_import_of_names_that_urls_would_change(importing, client, api, tmp_path):
    names = ["a b", "a%20b", "a?b", "100%", "ü", "#1"]
    folder, address = importing.stores.blocks.outside(tmp_path)
    for name in names:
        (folder / name).write_text(name)
    branch = lakefs.Repository(new_repository(importing), client=client).branch("main")

    branch.import_data("names").prefix(f"{address}/", "").run(poll_interval=SOON)

    assert sorted(found.path for found in branch.objects()) == sorted(names)
    for name in names:
        assert branch.object(name).reader(mode="r").read() == name


def test_an_import_that_was_killed_leaves_the_branch_as_it_was(tmp_path):
    server = Server(IMPORTS).start().set_up()
    folder, address = server.stores.blocks.outside(tmp_path)
    for number in range(3000):
        (folder / f"{number:05}").write_text("x")
    try:
        api, repository = Rest(server), new_repository(server)
        before = api.call("GET", f"/repositories/{repository}/branches/main")
        body = {"paths": [{"type": "common_prefix", "path": f"{address}/", "destination": "in/"}],
                "commit": {"message": "m"}}
        status, job = api.call("POST", f"/repositories/{repository}/branches/main/import", body)
        assert status == 202, job
        server.kill()
        server.start()

        _, told = api.call("GET", f"/repositories/{repository}/branches/main/import?id={job['id']}")
        assert told["completed"] or api.call("GET", f"/repositories/{repository}/branches/main") == before
        assert api.call("DELETE", f"/repositories/{repository}/branches/main/import?id={job['id']}")[0] in (204, 409)
        _, again = api.call("POST", f"/repositories/{repository}/branches/main/import", body)
        assert end_of_import(api, repository, again["id"])["ingested_objects"] == 3000
    finally:
        server.discard()


def filled_repository(server, api):
    repository = new_repository(server)
    upload(api, repository, "a")
    commit(api, repository)
    assert api.call("POST", f"/repositories/{repository}/branches", {"name": "dev", "source": "main"}, raw=True)[0] == 201
    assert api.call("POST", f"/repositories/{repository}/tags", {"id": "v1", "ref": "main"})[0] == 201
    return repository


def refs_of(api, repository):
    return [api.call("GET", f"/repositories/{repository}/{kind}")[1]["results"] for kind in ("branches", "tags")]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_dump_is_restored_into_a_bare_repository(importing, client, api, asynchronous):
    repository = filled_repository(importing, api)
    repositories, internal = client.sdk_client.repositories_api, client.sdk_client.internal_api
    if asynchronous:
        task = repositories.dump_submit(repository).id
        dump = wait_for(lambda: repositories.dump_status(repository, task), lambda s: s.done).refs
    else:
        dump = internal.dump_refs(repository)
    before = refs_of(api, repository)
    log = api.call("GET", f"/repositories/{repository}/refs/main/commits")[1]["results"]
    importing.make_repository(
        repository + "-copy", query="?bare=true", storage_namespace=importing.namespace(repository))
    wanted = lakefs_sdk.RefsRestore(**dump.dict())

    if asynchronous:
        task = repositories.restore_submit(repository + "-copy", wanted).id
        ended = wait_for(lambda: repositories.restore_status(repository + "-copy", task), lambda s: s.done)
        assert ended.error is None
    else:
        internal.restore_refs(repository + "-copy", wanted)

    assert refs_of(api, repository + "-copy") == before
    assert api.call("GET", f"/repositories/{repository}-copy/refs/main/commits")[1]["results"] == log
    path = f"/repositories/{repository}-copy/refs/v1/objects?path=a"
    assert api.call("GET", path, raw=True) == (200, b"x")


def test_tasks_are_known_by_their_kind(importing, client, api):
    repository = filled_repository(importing, api)
    task = client.sdk_client.repositories_api.dump_submit(repository).id

    for path in (f"restore?task_id={task}", "dump?task_id=DRunknown", f"gc/prepare_commits/status?id={task}"):
        assert api.call("GET", f"/repositories/{repository}/{path}") == (404, {"message": "not found"})


def test_a_restore_needs_files_that_exist(importing, api):
    repository = new_repository(importing, query="?bare=true")
    body = {f"{kind}_meta_range_id": "0" * 64 for kind in ("commits", "branches", "tags")}

    for method, path in (("PUT", "refs/restore"), ("POST", "restore")):
        assert api.call(method, f"/repositories/{repository}/{path}", body) == (
            404, {"message": "metarange not found"})


def test_commits_are_prepared_for_a_sweeper(importing, client, api):
    repository = filled_repository(importing, api)
    repositories, internal = client.sdk_client.repositories_api, client.sdk_client.internal_api
    rules = lakefs_sdk.GarbageCollectionRules(default_retention_days=1, branches=[
        lakefs_sdk.GarbageCollectionRule(branch_id="main", retention_days=7)])
    with pytest.raises(lakefs_sdk.exceptions.NotFoundException, match="get gc rules: not found"):
        internal.prepare_garbage_collection_commits(repository)
    internal.set_garbage_collection_rules_preflight(repository)
    repositories.set_gc_rules(repository, rules)
    assert repositories.get_gc_rules(repository) == rules
    assert internal.internal_get_garbage_collection_rules(repository) == rules

    prepared = internal.prepare_garbage_collection_commits(repository)

    assert prepared.gc_commits_location.endswith(f"/run_id={prepared.run_id}/commits.csv")
    assert prepared.gc_addresses_location.removesuffix("/").endswith("/addresses")
    text = importing.stores.blocks.file(prepared.gc_commits_location).read_text()
    rows = {row["commit_id"]: row for row in csv.DictReader(io.StringIO(text))}
    if prepared.gc_commits_presigned_url is not None:
        with urllib.request.urlopen(prepared.gc_commits_presigned_url, timeout=30) as answer:
            assert answer.read().decode() == text
    log = api.call("GET", f"/repositories/{repository}/refs/main/commits")[1]["results"]
    assert {entry["id"]: entry["meta_range_id"] for entry in log} == {
        key: row["metarange_id"] for key, row in rows.items()}
    assert {row["expired"] for row in rows.values()} == {"false"}

    task = internal.prepare_garbage_collection_commits_async(repository).id
    status = wait_for(lambda: internal.prepare_garbage_collection_commits_status(repository, task),
                      lambda s: s.completed)
    assert status.error is None and status.result.gc_addresses_location == prepared.gc_addresses_location
    repositories.delete_gc_rules(repository)
    task = internal.prepare_garbage_collection_commits_async(repository).id
    status = wait_for(lambda: internal.prepare_garbage_collection_commits_status(repository, task),
                      lambda s: s.completed)
    assert status.error.message == "get gc rules: not found"


def test_uncommitted_objects_are_prepared_for_a_sweeper(importing, client, api):
    repository = filled_repository(importing, api)
    wanted = {}
    for branch, path in (("main", "x"), ("main", "y"), ("dev", "x")):
        answer = upload(api, repository, path, branch=branch)
        wanted["data/" + answer["physical_address"].split("/data/")[-1]] = answer["mtime"]
    assert api.call("DELETE", f"/repositories/{repository}/branches/main/objects?path=a")[0] == 204

    prepared = client.sdk_client.internal_api.prepare_garbage_collection_uncommitted(repository)

    assert prepared.continuation_token is None
    folder = importing.stores.blocks.file(prepared.gc_uncommitted_location.removesuffix("/"))
    assert folder.parts[-2:] == (prepared.run_id, "uncommitted")
    [name] = folder.iterdir()
    table = pyarrow.parquet.read_table(name)
    assert [str(field.type) for field in table.schema] == ["string", "int64"]
    assert table.schema.names == ["physical_address", "creation_date"]
    assert dict(zip(*(column.to_pylist() for column in table.columns))) == wanted
    assert pyarrow.parquet.ParquetFile(name).metadata.row_group(0).column(0).compression == "GZIP"


def test_read_only_repositories_keep_their_rules(importing, api):
    repository = new_repository(importing, read_only=True)
    rules = {"default_retention_days": 1, "branches": []}

    for method, path, body in (("PUT", "settings/gc_rules", rules), ("DELETE", "settings/gc_rules", None),
                               ("POST", "gc/rules", rules), ("DELETE", "gc/rules", None),
                               ("POST", "gc/prepare_uncommited", {})):
        assert api.call(method, f"/repositories/{repository}/{path}", body) == (
            403, {"message": "read-only repository"})


def test_rules_must_be_numbers_that_a_sweeper_can_read(importing, api):
    repository = new_repository(importing)

    status, answer = api.call("PUT", f"/repositories/{repository}/settings/gc_rules",
                              {"default_retention_days": 2**40, "branches": []})

    assert (status, answer) == (400, {"message": "default_retention_days: invalid value: validation error"})


def test_the_server_ends_while_work_goes_on():
    server = Server(IMPORTS).start().set_up()
    try:
        api, repository = Rest(server), new_repository(server)
        source = upload(api, new_repository(server), "x")["physical_address"]
        body = {"paths": [{"type": "object", "path": source, "destination": f"in/{n}"} for n in range(500)],
                "commit": {"message": "m"}}
        _, job = api.call("POST", f"/repositories/{repository}/branches/main/import", body)
        assert server.stop() == 0
        server.start()

        _, told = api.call("GET", f"/repositories/{repository}/branches/main/import?id={job['id']}")

        assert told["completed"] or told["error"]["message"].endswith("the server was stopped"), told
    finally:
        server.discard()


@pytest.mark.only_on("local")
def test_direct_uploads_in_parts_need_a_store_that_can(rest, repo):
    path = f"/repositories/{repo}/branches/main/staging/pmpu"
    refusal = (501, {"message": "presign multipart upload API is not supported"})

    assert rest.call("POST", path + "?path=x") == refusal
    assert rest.call("PUT", path + "/u?path=x", {"physical_address": "p", "parts": []}) == refusal
    assert rest.call("DELETE", path + "/u?path=x", {"physical_address": "p"}) == refusal


@pytest.mark.only_on("s3")
def test_direct_upload_in_parts(importing, client, api):
    repository = new_repository(importing)
    experimental = client.sdk_client.experimental_api
    begun = experimental.create_presign_multipart_upload(repository, "main", "big", parts=2)
    bodies = [b"a" * (5 << 20), b"tail"]
    parts = []
    for number, (url, body) in enumerate(zip(begun.presigned_urls, bodies), 1):
        with urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"), timeout=60) as answer:
            parts.append({"part_number": number, "etag": answer.headers["ETag"]})

    made = experimental.complete_presign_multipart_upload(
        repository, "main", begun.upload_id, "big", complete_presign_multipart_upload=
        lakefs_sdk.CompletePresignMultipartUpload(physical_address=begun.physical_address, parts=parts))

    assert made.size_bytes == sum(map(len, bodies)) and made.physical_address == begun.physical_address
    got = lakefs.Repository(repository, client=client).branch("main").object("big").reader(mode="rb").read()
    assert got == b"".join(bodies)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(begun.presigned_urls[0], b"x", method="PUT"), timeout=60)
