"""The REST contract: what the server publishes, what it routes, and what lakeFS's clients expect."""

import functools
import http.client
import json
import urllib.request

import pytest
import yaml

from support.server import PROJECT, shared_folder

METHODS = ["get", "head", "post", "put", "patch", "delete"]
CONTRACT = shared_folder("TARN_SPEC_DIR", "spec")
OURS = yaml.load((PROJECT / "api/openapi.yaml").read_text(), yaml.CSafeLoader)

# Where Tarn's document differs from the contract, and why. Anything else is a failure.
DIFFERENT_STATUS = {
    "updatePullRequest": "204 is what the server answers and lakectl demands; the contract says 200",
    "updateObjectUserMetadata": "204 likewise; the contract says 201",
    "oauthCallback": "200 without a body as long as there is no identity provider",
    "mergePullRequest": "a conflict is an Error, not a MergeResult",
}
# The contract promises a message; lakeFS, and Tarn with it, answers nothing.
WITHOUT_BODY = {("internalDeleteBranchProtectionRule", "404")}
DIFFERENT_SCHEMA = {
    "HookRun": "a hook may be skipped",
    "HookRunList": "the same in lists",
    "PullRequestsList": "its items have a description for the generated SDKs only, as lakeFS answers",
}


@functools.cache
def load_contract():
    return yaml.load((CONTRACT / "openapi-contract.yaml").read_text(), yaml.CSafeLoader)


needs_contract = pytest.mark.skipif(
    CONTRACT is None, reason="the contract is absent: set TARN_SPEC_DIR to the folder of openapi-contract.yaml")


def follow(document, value):
    while "$ref" in value:
        target = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        value = target
    return value


def operations(document):
    """(operation id) -> (method, path, operation, its parameters by place and name)"""
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            parameters = [follow(document, p) for p in item.get("parameters", []) + item[method].get("parameters", [])]
            found[item[method]["operationId"]] = (
                method, path, item[method], {(p["in"], p["name"]): p for p in parameters})
    return found


WORDS = {"description", "example", "title", "deprecated", "x-name", "x-validation-exclude-body"}


def plain(document, schema, depth=0):
    """A schema without its prose, with references followed and allOf joined."""
    schema = follow(document, schema)
    if depth > 8:
        return {}
    if "allOf" in schema:
        parts = [plain(document, part, depth) for part in schema["allOf"]]
        return {"type": "object",
                "required": sorted({name for part in parts for name in part.get("required", [])}),
                "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()}}
    out = {key: value for key, value in schema.items() if key not in WORDS}
    if "required" in out:
        out["required"] = sorted(out["required"])
    if "properties" in out:
        out["properties"] = {k: plain(document, v, depth + 1) for k, v in out["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(out.get(key), dict):
            out[key] = plain(document, out[key], depth + 1)
    return out


def body_of(document, operation):
    """Media type -> schema of the request body, and whether it is required."""
    request = follow(document, operation.get("requestBody", {}))
    return ({kind: plain(document, content.get("schema", {})) for kind, content in request.get("content", {}).items()},
            request.get("required", False))


@needs_contract
def test_the_paths_methods_and_ids_are_those_of_the_contract():
    theirs = {name: value[:2] for name, value in operations(load_contract()).items()}
    ours = {name: value[:2] for name, value in operations(OURS).items()}

    assert len(theirs) == 134
    assert ours == theirs


@needs_contract
def test_the_parameters_are_those_of_the_contract():
    contract = load_contract()
    theirs, ours = operations(contract), operations(OURS)

    for name, (_, _, _, wanted) in theirs.items():
        have = ours[name][3]
        assert set(have) == set(wanted), name
        for key, parameter in wanted.items():
            mine = have[key]
            assert plain(OURS, mine["schema"]) == plain(contract, parameter["schema"]), (name, key)
            assert mine.get("required", False) == parameter.get("required", False), (name, key)
            assert mine.get("allowEmptyValue", False) == parameter.get("allowEmptyValue", False), (name, key)


@needs_contract
def test_the_request_bodies_are_those_of_the_contract():
    contract = load_contract()
    theirs, ours = operations(contract), operations(OURS)

    for name, (_, _, operation, _) in theirs.items():
        assert body_of(OURS, ours[name][2]) == body_of(contract, operation), name


@needs_contract
def test_the_schemas_are_those_of_the_contract():
    contract = load_contract()
    theirs, ours = contract["components"]["schemas"], OURS["components"]["schemas"]

    assert len(theirs) == 119
    assert set(theirs) <= set(ours)
    different = {name for name in theirs if plain(contract, theirs[name]) != plain(OURS, ours[name])}
    assert different == set(DIFFERENT_SCHEMA)


@needs_contract
def test_the_statuses_are_those_of_the_contract():
    """Successes are named one by one; a failure of the contract is named or covered by `default`."""
    contract = load_contract()
    theirs, ours = operations(contract), operations(OURS)
    different = set()

    for name, (_, _, operation, _) in theirs.items():
        wanted = {str(s): follow(contract, r) for s, r in operation["responses"].items()}
        have = {str(s): follow(OURS, r) for s, r in ours[name][2]["responses"].items()}
        good = {s for s in wanted if s[0] in "23"}
        if {s for s in have if s[0] in "23"} != good:
            different.add(name)
            continue
        assert "default" in have or set(wanted) <= set(have), name
        for status in good:
            kinds = {k: plain(contract, c.get("schema", {})) for k, c in wanted[status].get("content", {}).items()}
            # The contract does not know all types that are sent: a branch's commit id is text/plain.
            mine = {k: plain(OURS, c.get("schema", {})) for k, c in have[status].get("content", {}).items()
                    if k in kinds or not kinds}
            if mine != kinds and "PullRequest" not in name and "RunHooks" not in name:
                raise AssertionError((name, status, mine, kinds))
        for status in {s for s in wanted if s[0] == "4" and s in have and (name, s) not in WITHOUT_BODY}:
            assert set(have[status].get("content", {})) == set(wanted[status].get("content", {})), (name, status)
        for status in {s for s in wanted if s[0] == "4" and s not in have}:
            for content in wanted[status].get("content", {}).values():
                if plain(contract, content["schema"]) != plain(contract, contract["components"]["schemas"]["Error"]):
                    different.add(name)
    assert different <= set(DIFFERENT_STATUS), different - set(DIFFERENT_STATUS)


@needs_contract
def test_who_needs_no_credentials_is_as_in_the_contract():
    theirs, ours = operations(load_contract()), operations(OURS)

    for name, (_, _, operation, _) in theirs.items():
        assert ours[name][2].get("security") == operation.get("security"), name


def test_the_published_document_is_the_one_of_the_project(server):
    with urllib.request.urlopen(server.endpoint + "/openapi.json", timeout=30) as answer:
        as_json = json.load(answer)
        assert answer.headers["Content-Type"].startswith("application/json")
    with urllib.request.urlopen(server.endpoint + "/openapi.yaml", timeout=30) as answer:
        as_yaml = yaml.load(answer.read(), yaml.CSafeLoader)
        assert answer.headers["Content-Type"] == "application/yaml"

    assert as_yaml == as_json
    assert as_json["paths"].keys() == OURS["paths"].keys()
    assert as_json["components"]["schemas"].keys() == OURS["components"]["schemas"].keys()
    assert "x-tarn" not in json.dumps(as_json)
    assert {k: v[:2] for k, v in operations(as_json).items()} == {k: v[:2] for k, v in operations(OURS).items()}


def fill(path):
    """A path with something in place of its variables."""
    return "/".join("x-0" if part.startswith("{") else part for part in path.split("/"))


def test_the_binary_routes_exactly_the_documented_operations(server, rest):
    """Every documented method is answered by an operation, every other one by 404 'invalid API endpoint'."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for path, item in OURS["paths"].items():
        for method in METHODS + ["options"]:
            connection.request(method.upper(), "/api/v1" + fill(path))
            answer = connection.getresponse()
            content = answer.read()
            unknown = answer.status == 404 and (b"invalid API endpoint" in content or method == "head")
            assert unknown == (method not in item), (method, path, answer.status, content)


def test_the_operations_said_to_be_later_answer_501(server, rest):
    """They are those that need users, groups and policies, and answer once a request is valid."""
    later = {name: value for name, value in operations(OURS).items() if value[2].get("x-tarn-later")}

    for name, (method, path, operation, parameters) in later.items():
        query = "&".join(f"{n}=x" for (place, n), p in parameters.items() if place == "query" and p.get("required"))
        body = BODIES.get(name, {}) if "requestBody" in operation else None
        status, answer = rest.call(method.upper(), fill(path) + ("?" + query if query else ""), body)
        assert (status, answer) == (501, {"message": "Not Implemented"}), (name, status, answer)


STATEMENT = {"effect": "allow", "action": ["fs:*"], "resource": "*"}
BODIES = {
    "createGroup": {"id": "g"},
    "createPolicy": {"id": "p", "statement": [STATEMENT]},
    "updatePolicy": {"id": "p", "statement": [STATEMENT]},
    "setGroupACL": {"permission": "Read"},
    "externalPrincipalLogin": {"identityRequest": {}},
    "stsLogin": {"code": "c", "state": "s", "redirect_uri": "http://x"},
}
