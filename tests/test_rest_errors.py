"""Statuses and texts of errors that clients know (the tables of statuses and texts of the API's behaviour).

What needs a faulty store, a lost race or a hook is said in UNPROVOKED, with where it is tested instead.
"""

import base64
import concurrent.futures
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
from support.server import Server

HEX = "0" * 64
UNPROVOKED = {
    "a client that went away (499)": "nobody is left to read it; src/http/tests",
    "an expired session or an external token (403, 401)": "there are no external sessions yet",
    "a branch that is locked (500)": "branches are never locked",
    "a repository in deletion (410)": "takes a crash in between; src/refs/tests/refs_test.cc",
    "retries exhausted (429)": "takes a lost race ten times over; src/api/tests/errors_test.cc",
    "a throttled store (503)": "src/api/tests/errors_test.cc",
    "an external authenticator (401)": "there is none",
    "a hook that failed (412)": "hooks do not run yet",
}


def quote(text):
    return urllib.parse.quote(text, safe="")


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

    assert rest.call("POST", "/repositories", {"name": name, "storage_namespace": f"local://{name}"})[0] == 201
    put("main", "a")
    scene = {"repo": name, "base": commit("main")}
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
    scene["metarange"] = do("GET", "/commits/main", status=200)[1]["meta_range_id"]
    frozen = name + "-frozen"
    assert rest.call("POST", "/repositories", {"name": frozen, "storage_namespace": f"local://{frozen}",
                                               "read_only": True})[0] == 201
    return scene


# (what, method, path, body, status, message). A path beginning with / is below the repository; {x} are of the scene.
CASES = [
    # Names that cannot be.
    ("repository name", "GET", "!/repositories/A_B", None, 400,
     "argument repository: repository id: invalid value: validation error"),
    ("branch name in a path", "GET", "/branches/a%20b", None, 400,
     "argument branch: branch id: invalid value: validation error"),
    ("new branch name", "POST", "/branches", {"name": "a b", "source": "main"}, 400,
     "argument branch: branch id: invalid value: validation error: branch id must consist of letters, digits, "
     "underscores and dashes, and cannot start with a dash"),
    ("new branch name begins with a dash", "POST", "/branches", {"name": "-a", "source": "main"}, 400,
     "argument branch: branch id: invalid value: validation error: branch id must consist of letters, digits, "
     "underscores and dashes, and cannot start with a dash"),
    ("tag name", "POST", "/tags", {"id": "a..b", "ref": "main"}, 400,
     "argument tagID: tag id: invalid value: validation error"),
    ("empty branch name", "POST", "/branches", {"name": "", "source": "main"}, 400,
     re.compile("argument .*: required value: validation error")),
    ("empty source", "POST", "/branches", {"name": "n", "source": ""}, 400,
     re.compile("argument .*: required value: validation error")),
    ("empty tag name", "POST", "/tags", {"id": "", "ref": "main"}, 400,
     "argument tagID: required value: validation error"),
    ("empty ref of a tag", "POST", "/tags", {"id": "t", "ref": ""}, 400, "ref: invalid value: validation error"),
    ("branch of an upload", "POST", "/branches/a%20b/objects?path=x", b"", 400,
     "argument name: branch id: invalid value: validation error"),
    ("destination of a merge", "POST", "/refs/dev/merge/a%20b", {}, 400,
     "argument destination: branch id: invalid value: validation error"),
    ("source of a pull request", "POST", "/pulls",
     {"title": "t", "source_branch": "a~1", "destination_branch": "main"}, 400,
     "argument src: branch id: invalid value: validation error"),
    ("merge strategy", "POST", "/refs/dev/merge/main", {"strategy": "mine"}, 400,
     "argument strategy: invalid value: validation error"),
    ("negative parent", "POST", "/branches/main/revert", {"ref": "dev", "parent_number": -1}, 400,
     "argument parentNumber: invalid value: validation error"),
    ("pull request id", "GET", "/pulls/abc", None, 400,
     "argument pullRequestID: pull request id: invalid value: validation error"),
    # Paths.
    ("empty path", "POST", "/branches/main/objects?path=", b"", 400, None),
    ("path of 1,025 bytes", "GET", "/refs/main/objects/stat?path=" + "p" * 1025, None, 400,
     "argument path: invalid value: validation error: 1025 is above maximum length (1024)"),
    ("prefix of 1,025 bytes", "GET", "/refs/main/objects/ls?prefix=" + "p" * 1025, None, 400,
     "argument prefix: invalid value: validation error: 1025 is above maximum length (1024)"),
    ("delimiter of 1,025 bytes", "GET", "/refs/main/objects/ls?delimiter=" + "p" * 1025, None, 400,
     "argument delimiter: invalid value: validation error: 1025 is above maximum length (1024)"),
    ("too many paths", "POST", "/branches/main/objects/delete", {"paths": ["x"] * 1001}, 400,
     "request size exceeded, max paths is set to 1000"),
    # Expressions.
    ("malformed modifier", "GET", "/refs/main~x/objects/ls", None, 400,
     "could not parse modifier ~x: ref: invalid value: validation error"),
    ("malformed expression", "GET", "/refs/main@2/objects/ls", None, 400, "ref: invalid value: validation error"),
    ("expression with a space", "GET", "/refs/a%20b/objects/ls", None, 400,
     "argument ref: ref: invalid value: validation error"),
    ("parent out of range of an expression", "GET", "/commits/main%5E3", None, 400, None),
    ("$ where a commit is needed: tag", "POST", "/tags", {"id": "t", "ref": "main$"}, 400,
     "ref: invalid value: validation error: should point to a commit"),
    ("$ where a commit is needed: getCommit", "GET", "/commits/main$", None, 400,
     "ref: invalid value: validation error: should point to a commit"),
    ("$ where a commit is needed: log", "GET", "/refs/main$/commits", None, 400,
     "ref: ref: invalid value: validation error: should point to a commit"),
    ("$ where a commit is needed: diff", "GET", "/refs/main$/diff/dev", None, 400,
     "reference 'main$': reference to staging area with $ is not a commit"),
    ("$ where a commit is needed: merge", "POST", "/refs/dev$/merge/main", {}, 400,
     "update branch main: get commit by ref dev$: reference 'dev$': reference to staging area with $ is not a commit"),
    ("$ as source of a branch", "POST", "/branches", {"name": "n", "source": "main$"}, 400,
     "source reference 'main$': can't create a branch without commit"),
    # What is not there.
    ("unknown repository", "GET", "!/repositories/nosuchrepo", None, 404, "repository not found"),
    ("unknown branch", "GET", "/branches/nosuch", None, 404, "branch not found"),
    ("upload to an unknown branch", "POST", "/branches/nosuch/objects?path=x", b"", 404, "branch 'nosuch' not found"),
    ("unknown tag", "GET", "/tags/nosuch", None, 404, "tag not found"),
    ("unknown commit", "GET", "/commits/nosuch", None, 404, "commit not found"),
    ("unknown object", "GET", "/refs/main/objects?path=nosuch", None, 404, None),
    ("unknown ref of a list", "GET", "/refs/nosuch/objects/ls", None, 404, "not found"),
    ("unknown ref of a tag", "POST", "/tags", {"id": "t", "ref": "nosuch"}, 404, "not found"),
    ("unknown source of a branch", "POST", "/branches", {"name": "n", "source": "nosuch"}, 404,
     "source reference 'nosuch': not found"),
    ("unknown start of a log", "GET", "/refs/nosuch/commits", None, 404, "ref: not found"),
    ("unknown `after` of a log", "GET", "/refs/main/commits?after=nosuch", None, 404, "from ref: not found"),
    ("unknown end of a log", "GET", "/refs/main/commits?stop_at=nosuch", None, 404, "stop_at: not found"),
    ("unknown left of a diff", "GET", "/refs/nosuch/diff/main", None, 404, "get commit by branch nosuch: not found"),
    ("unknown right of a diff", "GET", "/refs/main/diff/nosuch", None, 404, "get commit by ref nosuch: not found"),
    ("unknown source of a merge", "POST", "/refs/nosuch/merge/main", {}, 404,
     "update branch main: get commit by ref nosuch: not found"),
    ("unknown ref of a revert", "POST", "/branches/main/revert", {"ref": "nosuch", "parent_number": 0}, 404,
     "get commit from ref nosuch: not found"),
    ("unknown ref of a pick", "POST", "/branches/main/cherry-pick", {"ref": "nosuch"}, 404,
     "get commit from ref nosuch: not found"),
    ("unknown ref of a hard reset", "PUT", "/branches/main/hard_reset?ref=nosuch", None, 404,
     "hard-reset main to nosuch: not found"),
    ("commit to an unknown branch", "POST", "/branches/nosuch/commits", {"message": "m"}, 404, "branch not found"),
    ("unknown pull request", "GET", "/pulls/dc1i8vpksdu92hkmb5l0", None, 404, "pull request not found"),
    ("unknown run", "GET", "/actions/runs/ft5sc6jksdu92hkmb5pg", None, 404, "not found: not found"),
    ("unknown user", "GET", "!/auth/users/nobody", None, 404, "user not found"),
    ("unknown key", "GET", "!/auth/users/admin/credentials/AKIAIOSFDNN7UNKNOWNQ", None, 404, "credentials not found"),
    ("past the root", "GET", "/commits/main~9", None, 404, "commit not found"),
    # What may not be.
    ("upload to a protected branch", "POST", "/branches/guarded/objects?path=x", b"", 403,
     "cannot write to protected branch"),
    ("commit to a protected branch", "POST", "/branches/guarded/commits", {"message": "m"}, 403,
     "cannot commit to protected branch"),
    ("hard reset of a protected branch", "PUT", "/branches/guarded/hard_reset?ref=main", None, 403,
     "protected branch"),
    ("read-only repository", "POST", "!/repositories/{repo}-frozen/branches", {"name": "n", "source": "main"}, 403,
     "read-only repository"),
    ("upload to a read-only repository", "POST", "!/repositories/{repo}-frozen/branches/main/objects?path=x", b"", 403,
     "read-only repository"),
    ("deletion of the default branch", "DELETE", "/branches/main", None, 403, "cannot delete repository default branch"),
    # What is taken.
    ("branch exists", "POST", "/branches", {"name": "dev", "source": "main"}, 409, "branch already exists: not unique"),
    ("tag exists", "POST", "/tags", {"id": "v1", "ref": "main"}, 409, "tag already exists: not unique"),
    ("repository exists", "POST", "!/repositories", {"name": "{repo}", "storage_namespace": "local://elsewhere-x"}, 409,
     "error creating repository: not unique"),
    ("tag of a branch's name", "POST", "/tags", {"id": "dev", "ref": "main"}, 409, "branch name dev: conflict found"),
    ("branch of a tag's name", "POST", "/branches", {"name": "v1", "source": "main"}, 409, None),
    ("branch of a commit's name", "POST", "/branches", {"name": "{base}", "source": "main"}, 409,
     "commit ID {base}: conflict found"),
    ("user exists", "POST", "!/auth/users", {"id": "second"}, 409, "Already exists"),
    ("set up twice", "POST", "!/setup_lakefs", {"username": "x"}, 409, "lakeFS already initialized"),
    # What does not go.
    ("nothing to commit", "POST", "/branches/clean/commits", {"message": "m"}, 400, "commit: no changes"),
    ("nothing to merge", "POST", "/refs/main/merge/dev", {}, 400, "update branch dev: no changes"),
    ("merge into a dirty branch", "POST", "/refs/dev/merge/dirty", {}, 400,
     re.compile(r"(update branch dirty: (dirty: )?)?uncommitted changes \(dirty branch\)")),
    ("revert on a dirty branch", "POST", "/branches/dirty/revert", {"ref": "main", "parent_number": 0}, 400,
     re.compile(r".*uncommitted changes \(dirty branch\)")),
    ("hard reset of a dirty branch", "PUT", "/branches/dirty/hard_reset?ref=main~1", None, 400,
     re.compile(r".*uncommitted changes \(dirty branch\)")),
    ("metarange on a dirty branch", "POST", "/branches/dirty/commits?source_metarange={metarange}", {"message": "m"}, 400,
     "cannot use source MetaRange on a branch with uncommitted changes"),
    ("conflict of a pick", "POST", "/branches/dev/cherry-pick", {"ref": "{other}"}, 409, "update branch: conflict found"),
    ("conflict of a revert", "POST", "/branches/other/revert", {"ref": "{base}", "parent_number": 0}, 409,
     "update branch: conflict found"),
    ("revert of a merge", "POST", "/branches/merged/revert", {"ref": "{merge}", "parent_number": 0}, 409,
     "must specify 1-based parent number for reverting merge commit"),
    ("pick of a merge", "POST", "/branches/clean/cherry-pick", {"ref": "{merge}"}, 400,
     "must specify 1-based parent number for cherry-picking merge commit"),
    ("parent of a revert", "POST", "/branches/merged/revert", {"ref": "{merge}", "parent_number": 3}, 400,
     "given commit does not have the given parent number: parent 3"),
    ("parent of a pick", "POST", "/branches/clean/cherry-pick", {"ref": "{merge}", "parent_number": 3}, 400,
     re.compile("parent 3: given commit .*")),
    ("pick that changes nothing", "POST", "/branches/clean/cherry-pick", {"ref": "v1~1"}, 400, None),
    ("both filters of runs", "GET", "/actions/runs?branch=main&commit=x", None, 400,
     "can't use both branchID and MergedCommitID: parameters conflict"),
    ("pull request of one branch", "POST", "/pulls",
     {"title": "t", "source_branch": "dev", "destination_branch": "dev"}, 400,
     "source and destination branches are the same: same branch validation error"),
    ("presigned address", "GET", "/refs/main/objects?path=a&presign=true", None, 400,
     "local adapter presigned URL: operation not supported"),
    # Upload addresses.
    ("address without signature", "PUT", "/branches/main/staging/backing?path=x",
     {"staging": {"physical_address": "local://{repo}/data/p/x"}, "checksum": "c", "size_bytes": 1}, 400,
     "address is not signed: link address invalid"),
    ("address with nonsense", "PUT", "/branches/main/staging/backing?path=x",
     {"staging": {"physical_address": "local://{repo}/data/p/x,!!"}, "checksum": "c", "size_bytes": 1}, 400,
     re.compile("malformed address signature: {.*}: link address invalid")),
    ("address with a wrong signature", "PUT", "/branches/main/staging/backing?path=x",
     {"staging": {"physical_address": "local://{repo}/data/p/x,AAAA"}, "checksum": "c", "size_bytes": 1}, 400,
     "invalid address signature: invalid address"),
    ("link without checksum", "PUT", "/branches/main/staging/backing?path=x",
     {"staging": {"physical_address": "local://{repo}/data/p/x,AAAA"}, "checksum": "", "size_bytes": 1}, 400,
     "checksum is required"),
    # Conditions.
    ("path exists", "POST", "/branches/main/objects?path=a", b"", 412, "path already exists", {"If-None-Match": "*"}),
    ("other object", "POST", "/branches/main/objects?path=a", b"", 412, "Precondition failed", {"If-Match": '"x"'}),
    ("range of nothing", "GET", "/refs/main/objects?path=a", None, 416, None, {"Range": "bytes=9-"}),
    ("condition that is not offered", "POST", "/branches/main/objects?path=a", b"", 501, "Not Implemented",
     {"If-None-Match": '"x"'}),
    ("weak tag", "POST", "/branches/main/objects?path=a", b"", 412, "Precondition failed",
     {"If-Match": 'W/"9dd4e461268c8034f5c8564e155c67a6"'}),
    ("negative steps", "GET", "/commits/main~-1", None, 400,
     "could not parse modifier ~-1: ref: invalid value: validation error"),
    # Later.
    ("groups", "GET", "!/auth/groups", None, 501, "Not Implemented"),
    # Other paths.
    ("unknown path", "GET", "!/nosuch", None, 404, "invalid API endpoint"),
    ("wrong method", "PATCH", "/branches", None, 404, "invalid API endpoint"),
    ("double slash", "GET", "!//repositories", None, 404, "invalid API endpoint"),
    ("slash at the end", "GET", "!/repositories/", None, 404, "invalid API endpoint"),
]


def fill(value, scene):
    if isinstance(value, str):
        for name, text in scene.items():
            if isinstance(text, str):
                value = value.replace("{%s}" % name, text)
        return value
    if isinstance(value, dict):
        return {k: fill(v, scene) for k, v in value.items()}
    return value


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
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
    (server.folder / "data" / address.split(str(server.folder / "data") + "/", 1)[1]).unlink()

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


# What is wrong with a request is said before who asks: field, place and rule.
INVALID = [
    ("GET", "/repositories?amount=1001", None, r'parameter "amount" in query has an error: number must be at most 1000'),
    ("GET", "/repositories?amount=-2", None, r'parameter "amount" in query has an error: number must be at least -1'),
    ("GET", "/repositories?amount=ten", None,
     r'parameter "amount" in query has an error: value ten: an invalid integer: invalid syntax'),
    ("GET", "/repositories/abc/refs/main/diff/dev?type=four_dot", None,
     r'parameter "type" in query has an error: value is not one of the allowed values \["two_dot","three_dot"\]'),
    ("GET", "/repositories/abc/refs/main/objects", None,
     r'parameter "path" in query has an error: value is required but missing'),
    ("GET", "/repositories/abc/refs/main/objects?path=", None,
     r'parameter "path" in query has an error: empty value is not allowed'),
    ("GET", "/repositories/abc/refs/main/commits?since=yesterday", None, r'parameter "since" in query has an error: .*'),
    ("POST", "/repositories", {"name": "x", "storage_namespace": "local://x"},
     r"request body has an error: doesn't match schema #/components/schemas/RepositoryCreation: Error at \"/name\": "
     r"string doesn't match the regular expression .*"),
    ("POST", "/repositories", {"name": "lake1"},
     r"request body has an error: doesn't match schema .*: Error at \"/storage_namespace\": property "
     r"\"storage_namespace\" is missing.*"),
    ("POST", "/repositories", {"name": None, "storage_namespace": "local://x"}, r'.*: Error at "/name": Value is not nullable.*'),
    ("POST", "/repositories", {"name": 7, "storage_namespace": "local://x"}, r'.*: Error at "/name": .*'),
    ("POST", "/repositories", b"{not json", r"request body has an error: .*"),
    ("POST", "/repositories", None, r"request body has an error: .*"),
    ("PUT", "/repositories/abc/settings/branch_protection", [{"pattern": ""}],
     r"request body has an error: doesn't match schema: Error at \"/0/pattern\": minimum string length is 1.*"),
    ("PUT", "/repositories/abc/branches/main", {"type": "undo"},
     r'.*: Error at "/type": value is not one of the allowed values .*'),
    ("POST", "/auth/policies", {"id": "p", "statement": []},
     r'.*: Error at "/statement": minimum number of items is 1.*'),
]


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
        rest = Rest(server)
        assert rest.call("POST", "/repositories", {"name": "crowd", "storage_namespace": "local://crowd"})[0] == 201
        deadline = time.monotonic() + 60
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            while not refusals and time.monotonic() < deadline:
                list(pool.map(commit, range(32)))
    finally:
        server.discard()

    assert refusals, "no commit was refused"
    assert {r for r in ((status, after, body["message"]) for status, after, body in refusals)} == \
        {(429, "1", "Too many attempts, try again later")}
