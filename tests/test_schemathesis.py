"""Thousands of odd requests, made by schemathesis from the published document, on a fresh server."""

import os
import pathlib
import subprocess
import sys

from support.clients import Rest
from support.server import PROJECT, Server

EXAMPLES = int(os.environ.get("TARN_SCHEMATHESIS_EXAMPLES", "4"))  # per operation
CHECKS = "no_fault,status_code_conformance,content_type_conformance,response_schema_conformance"


def furnish(server):
    """A repository with two branches and a tag, for requests that should get past the name."""
    rest, root = Rest(server), "/repositories/" + server.make_repository("fuzzed", ["dev"])
    for branch in ("main", "dev"):
        assert rest.call("POST", f"{root}/branches/{branch}/objects?path={branch}", b"x")[0] == 201
        assert rest.call("POST", f"{root}/branches/{branch}/commits", {"message": "m"})[0] == 201
    assert rest.call("POST", root + "/tags", {"id": "v1", "ref": "main"})[0] == 201


def test_no_request_breaks_the_server_or_its_document(tmp_path):
    server = Server().start().set_up()
    furnish(server)
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "support.schemathesis_hooks", "PYTHONPATH": str(PROJECT / "tests")}

    run = subprocess.run(
        [str(pathlib.Path(sys.executable).with_name("schemathesis")), "run", server.endpoint + "/openapi.json",
         "--url", server.endpoint + "/api/v1", "--auth", f"{server.access_key}:{server.secret_key}",
         "--checks", CHECKS, "--phases", "fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1",
         "--suppress-health-check", "all", "--continue-on-failure", "--no-color"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1200)
    alive = server.process.poll() is None
    log = server.log()
    server.discard()

    assert alive, log[-5000:]
    assert "unexpected exception" not in log, log[-5000:]
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-3000:]
    assert "no test cases" not in run.stdout.lower()
