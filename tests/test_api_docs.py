"""The examples of docs/api.md work as printed, and docs/api-coverage.md names a test for every operation."""

import ast
import functools
import os
import re
import subprocess
import sys

import yaml

from support.server import PROJECT, Server

METHODS = ["get", "head", "post", "put", "patch", "delete"]


def test_the_examples_print_what_the_page_says(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", (PROJECT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    code = "".join(body for language, body in blocks if language == "python")
    printed = "".join(body for language, body in blocks if language == "")
    server = Server().start().set_up()
    environment = os.environ | {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}

    answer = subprocess.run(
        [sys.executable, "-c", code.replace("http://127.0.0.1:8000", server.endpoint).replace(
            "local://", server.namespace(""))], cwd=tmp_path,
        env=environment, capture_output=True, text=True, timeout=120)
    curl = subprocess.run(
        ["curl", "-sS", "-u", f"{server.access_key}:{server.secret_key}", server.endpoint + "/api/v1/user"],
        capture_output=True, text=True, timeout=60)
    server.discard()

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == printed.replace("local://", server.namespace(""))
    assert '"id":"admin"' in curl.stdout


def test_the_statuses_of_the_page_are_all_that_the_server_sends():
    """Every status that src/api can answer as an error is in the table."""
    page = set(re.findall(r"^\| (\d{3}) \|", (PROJECT / "docs/api.md").read_text(), re.MULTILINE))
    source = (PROJECT / "src/api/errors.cc").read_text()
    sent = set(re.findall(r", (\d{3}), ", source)) | set(re.findall(r"return (\d{3});", source))

    assert sent and sent - page == set()


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def coverage():
    """Operation id -> tests, from the table."""
    rows = re.findall(r"^\| `(\w+)` \| `[A-Z]+ [^`]*` \| (.+) \|$", (PROJECT / "docs/api-coverage.md").read_text(),
                      re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows}), "an operation has two rows"
    return {name: re.findall(r"`([\w./-]+)::(\w+)`", tests) for name, tests in rows}


@functools.cache
def functions(path):
    """Name -> source of the functions of a test file."""
    text = (PROJECT / path).read_text()
    return {node.name: ast.get_source_segment(text, node) for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)}


def test_every_operation_has_a_test_that_calls_it():
    document = yaml.load((PROJECT / "api/openapi.yaml").read_text(), yaml.CSafeLoader)
    operations = {item[m]["operationId"]: item[m] for item in document["paths"].values() for m in METHODS if m in item}
    table = coverage()

    assert set(table) == set(operations)
    for name, tests in table.items():
        assert tests, f"no test for {name}"
        for path, function in tests:
            source = functions(path).get(function)
            assert source, f"{path} has no {function}"
            later = operations[name].get("x-tarn-later") and function == "test_the_operations_said_to_be_later_answer_501"
            assert later or re.search(rf"\b({snake(name)}|{name})\b", source), f"{path}::{function} does not call {name}"
