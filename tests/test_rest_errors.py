"""Statuses and texts of errors that clients know (the tables of statuses and texts of the API's behaviour).

The tables are in support/known_errors.py.
"""

import base64
import concurrent.futures
import hmac
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest

from support.clients import Rest
from support.known_errors import CASES, HEX, INVALID, LOCAL_CASES
from support.server import Server
from support.stores import IMPORTS


def quote(text):
    return urllib.parse.quote(text, safe="")


# A commit of another history: the check vector of commit ids.
STRANGER = {"commit_id": "fac53a04432b2e6e7185f3ac8314a874c556b2557adf3aa8d5b1df985cf96566", "version": 1,
            "committer": "user1", "message": "message1", "metarange_id": "deadbeef123", "creation_date": 1606834800,
            "parents": [], "metadata": {"foo": "bar"}, "generation": 1}
SIGNING_SECRET = b"OVERRIDE_THIS_SIGNING_SECRET_DEFAULT"


def expired_address(server, repository, branch, path):
    """An upload address as it was given out two days ago."""
    made = (int(time.time()) - 2 * 86400).to_bytes(4, "big") + bytes(8)
    xid = base64.b32hexencode(made).decode().lower().rstrip("=")
    address = f"data/{xid}/{xid}"
    signed = json.dumps({"Repository": repository, "Branch": branch, "Path": path, "PhysicalAddress": address},
                        separators=(",", ":")).encode()
    token = base64.urlsafe_b64encode(hmac.digest(SIGNING_SECRET, signed, "sha256")).decode().rstrip("=")
    return f"{server.namespace(repository)}/{address},{token}"


@pytest.fixture(scope="module")
def scene(server, rest):
    """A repository with every situation that an error needs, made once."""
    name = "errors-" + uuid.uuid4().hex[:10]

    def do(method, path, body=None, status=None, **options):
        answer = rest.call(method, f"/repositories/{name}{path}", body, **options)
        assert status is None or answer[0] == status, (method, path, answer)
        return answer

    def put(branch, path, content=b"x"):
        do("POST", f"/branches/{branch}/objects?path={quote(path)}", content, 201)

    def commit(branch, message="m"):
        return do("POST", f"/branches/{branch}/commits", {"message": message}, 201)[1]["id"]

    server.make_repository(name)
    put("main", "a")
    scene = {"repo": name, "space": server.namespace(name), "kind": server.stores.blocks.kind, "base": commit("main")}
    for branch in ("dev", "other", "clean", "guarded"):
        do("POST", "/branches", {"name": branch, "source": "main"}, 201, raw=True)
    for branch in ("dev", "other"):
        put(branch, "a", branch.encode())
        scene[branch] = commit(branch)
    do("POST", "/branches", {"name": "merged", "source": "main"}, 201, raw=True)
    put("merged", "b")
    commit("merged")
    scene["merge"] = do("POST", "/refs/dev/merge/merged", {}, 200)[1]["reference"]
    do("POST", "/branches", {"name": "dirty", "source": "main"}, 201, raw=True)
    put("dirty", "uncommitted")
    do("POST", "/tags", {"id": "v1", "ref": "main"}, 201)
    do("PUT", "/settings/branch_protection", [{"pattern": "guarded"}], 204)
    do("POST", "/branches", {"name": "hollow", "source": "main"}, 201, raw=True)
    scene["empty"] = do("POST", "/branches/hollow/commits", {"message": "m", "allow_empty": True}, 201)[1]["id"]
    scene["first"] = do("GET", "/commits/main~1", status=200)[1]["id"]
    do("POST", "/commits", STRANGER, 204)
    scene["stranger"] = STRANGER["commit_id"]
    pull = {"title": "t", "source_branch": "dev", "destination_branch": "main"}
    scene["closed"] = do("POST", "/pulls", pull, 201)[1]["id"]
    do("PATCH", f"/pulls/{scene['closed']}", {"status": "closed"}, 204)
    scene["expired"] = expired_address(server, name, "main", "x")
    scene["metarange"] = do("GET", "/commits/main", status=200)[1]["meta_range_id"]
    server.make_repository(name + "-frozen", read_only=True)
    return scene


def fill(value, scene):
    if isinstance(value, list):
        return [fill(v, scene) for v in value]
    if isinstance(value, str):
        for name, text in scene.items():
            if isinstance(text, str):
                value = value.replace("{%s}" % name, text)
        return value
    if isinstance(value, dict):
        return {k: fill(v, scene) for k, v in value.items()}
    return value


@pytest.mark.parametrize("case", [pytest.param(case, id=case[0]) for case in CASES] + [
    pytest.param(case, id=case[0], marks=pytest.mark.only_on("local")) for case in LOCAL_CASES])
def test_failures_have_the_known_status_and_text(rest, scene, case):
    what, method, path, body, status, message, *headers = case
    path = path[1:] if path.startswith("!") else f"/repositories/{scene['repo']}{path}"

    answer, content = rest.call(method, fill(path, scene), fill(body, scene), headers=headers[0] if headers else None)

    assert answer == status, content
    assert isinstance(content["message"], str) and content["message"]
    if isinstance(message, re.Pattern):
        assert message.fullmatch(content["message"]), content
    elif message is not None:
        assert content["message"] == fill(message, scene)


def test_a_conflict_of_a_merge_is_a_merge_result(rest, scene):
    assert rest.call("POST", f"/repositories/{scene['repo']}/refs/dev/merge/other", {}) == (409, {"reference": ""})


def test_a_commit_record_is_written_once(rest, scene):
    assert rest.call("POST", f"/repositories/{scene['repo']}/commits", STRANGER) == \
        (409, {"message": "commit already exists: not unique"})


def test_failures_of_head_have_no_body(rest, scene):
    for path, status in (("nosuch", 404), ("p" * 1025, 400)):
        answer = rest.call("HEAD", f"/repositories/{scene['repo']}/refs/main/objects?path={path}", raw=True)
        assert answer == (status, b"")


def test_a_path_too_long_spoils_its_whole_deletion(rest, scene):
    status, content = rest.call("POST", f"/repositories/{scene['repo']}/branches/main/objects/delete",
                                {"paths": ["a", "p" * 1025]})

    assert status == 200
    assert {(e["status_code"], e["message"]) for e in content["errors"]} == {
        (500, "argument path[1]: invalid value: validation error: 1025 is above maximum length (1024)")}


def test_many_deletions_name_each_path_that_is_refused(rest, scene):
    status, content = rest.call("POST", f"/repositories/{scene['repo']}/branches/guarded/objects/delete",
                                {"paths": ["a", "b"]})

    assert status == 200
    assert content["errors"] == [
        {"path": p, "status_code": 403, "message": "cannot write to protected branch"} for p in ("a", "b")]


def test_an_object_whose_data_is_lost_is_gone(rest, scene, server):
    repo = scene["repo"]
    rest.call("POST", f"/repositories/{repo}/branches/clean/objects?path=lost", b"soon lost")
    address = rest.call("GET", f"/repositories/{repo}/refs/clean/objects/stat?path=lost")[1]["physical_address"]
    server.stores.blocks.file(address).unlink()

    assert rest.call("GET", f"/repositories/{repo}/refs/clean/objects?path=lost") == (410, {"message": "No data"})
    rest.call("PUT", f"/repositories/{repo}/branches/clean", {"type": "reset"})


def test_a_tree_that_is_not_there_is_gone(rest, scene):
    """A commit may name any tree; whoever reads it is told."""
    root = f"/repositories/{scene['repo']}"
    rest.call("POST", root + "/branches", {"name": "void", "source": "main"}, raw=True)
    assert rest.call("POST", f"{root}/branches/void/commits?source_metarange={HEX}", {"message": "m"})[0] == 201

    assert rest.call("GET", root + "/refs/void/objects/ls") == (410, {"message": "No data"})


@pytest.mark.parametrize("authorization", [
    None, "Basic " + base64.b64encode(b"AKIAIOSFDNN7EXAMPLEQ:wrong").decode(), "Basic !!!", "Bearer nonsense",
    "Digest x"])
def test_whoever_is_not_known_gets_401(server, scene, authorization):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/api/v1/repositories", headers={"Authorization": authorization} if authorization else {})
    answer = connection.getresponse()

    assert answer.status == 401
    assert json.loads(answer.read()) == {"message": "error authenticating request"}


@pytest.mark.parametrize("method, path, body, message", INVALID, ids=[f"{c[0]} {c[1]}" for c in INVALID])
def test_a_request_that_breaks_the_schema_names_field_and_rule(server, method, path, body, message):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
    connection.request(method, "/api/v1" + path, data, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = json.loads(answer.read())

    assert answer.status == 400
    assert re.fullmatch(message, content["message"], re.DOTALL), content
    assert answer.headers["X-Request-ID"] is None


@pytest.mark.parametrize("path", ["?amount=", "?amount=1&amount=2"])
def test_parameters_that_cannot_be_bound_are_refused(rest, path):
    status, content = rest.call("GET", "/repositories" + path, raw=True)

    assert status == 400 and content


def test_setup_is_refused_in_the_known_words():
    server = Server().start()
    try:
        rest = Rest(server)
        assert rest.call("POST", "/setup_comm_prefs", {"email": "x@example.com", "featureUpdates": False,
                                                       "securityUpdates": False}) == \
            (412, {"message": "lakeFS is not initialized"})
        assert rest.call("POST", "/setup_lakefs", {"username": ""}) == (400, {"message": "empty user display name"})
        assert rest.call("GET", "/repositories") == (401, {"message": "error authenticating request"})
    finally:
        server.discard()


def test_a_server_that_asks_for_no_address_takes_none():
    server = Server({"TARN_EMAIL_SUBSCRIPTION_ENABLED": "false"}).start().set_up()
    try:
        rest = Rest(server)
        assert rest.call("GET", "/setup_lakefs")[1]["comm_prefs_missing"] is False
        assert rest.call("POST", "/setup_comm_prefs", {"email": "x@example.org", "featureUpdates": False,
                                                       "securityUpdates": False}) == \
            (409, {"message": "communication preferences already set"})
    finally:
        server.discard()


@pytest.fixture(scope="module")
def importing(tmp_path_factory):
    """A server that may import, the address of a folder with one file, and a repository `imports`."""
    server = Server(IMPORTS).start().set_up()
    folder, address = server.stores.blocks.outside(tmp_path_factory.mktemp("source"))
    (folder / "a.csv").write_text("a")
    server.make_repository("imports")
    yield server, address
    server.discard()


def start_import(server, source, branch="main"):
    return Rest(server).call("POST", f"/repositories/imports/branches/{branch}/import", {
        "paths": [{"type": "common_prefix", "path": source, "destination": "in/"}], "commit": {"message": "m"}})


def run_import(server, source, branch="main"):
    status, job = start_import(server, source, branch)
    assert status == 202, job
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        _, answer = Rest(server).call("GET", f"/repositories/imports/branches/{branch}/import?id={job['id']}")
        if answer["completed"] or "error" in answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("the import did not end")


@pytest.mark.parametrize("source, message", [
    ("{root}imports/data/", "import path ({root}imports/data/) in repository namespace ({root}imports) is "
                            "prohibited: invalid import source"),
    ("{root}", "prefix ({root}) contains repository namespace: ({root}imports), invalid import source")])
def test_an_import_of_the_repository_itself_is_refused(importing, source, message):
    server, scene = importing[0], {"root": importing[0].namespace("")}

    assert start_import(server, fill(source, scene)) == (400, {"message": fill(message, scene)})


def test_an_import_says_how_it_failed(importing):
    server, address = importing
    rest = Rest(server)
    rest.call("POST", "/repositories/imports/branches", {"name": "dirty", "source": "main"}, raw=True)
    rest.call("POST", "/repositories/imports/branches/dirty/objects?path=x", b"x")

    answer = run_import(server, f"{address}/", "dirty")

    assert answer["error"] == {"message": "import error: merge import: uncommitted changes (dirty branch)"}
    assert not answer["completed"]


@pytest.mark.only_on("local")  # a bucket has no folders that could be missing
def test_an_import_of_a_missing_folder_fails(importing):
    server, address = importing

    answer = run_import(server, f"{address}/nosuch/")

    assert answer["error"]["message"].startswith("import error: error on ingest: ")
    assert not answer["completed"]


def test_the_same_import_again_is_another_commit_of_the_same_tree(importing):
    """As in lakeFS, which compares an import with nothing: jobs that import every night do not fail on quiet days."""
    server, address = importing

    first, second = (run_import(server, f"{address}/") for _ in range(2))

    assert second["commit"]["parents"] == [first["commit"]["id"]]
    assert second["metarange_id"] == first["metarange_id"]


def test_refusals_for_want_of_room_say_when_to_come_again():
    """Where one commit may wait and many come at once, some are told to come again, and when."""
    server = Server({"TARN_LIMITS_HEAVY_JOBS_WAITING": "1", "TARN_SERVER_WORKERS": "1"}).start().set_up()
    refusals = []

    def commit(number):
        request = urllib.request.Request(
            f"{server.endpoint}/api/v1/repositories/crowd/branches/main/commits",
            json.dumps({"message": str(number), "allow_empty": True}).encode(),
            {"Authorization": Rest(server).authorization, "Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            refusals.append((error.code, error.headers["Retry-After"], json.loads(error.read())))

    try:
        server.make_repository("crowd")
        deadline = time.monotonic() + 60
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            while not refusals and time.monotonic() < deadline:
                list(pool.map(commit, range(32)))
    finally:
        server.discard()

    assert refusals, "no commit was refused"
    assert {r for r in ((status, after, body["message"]) for status, after, body in refusals)} == \
        {(429, "1", "Too many attempts, try again later")}
