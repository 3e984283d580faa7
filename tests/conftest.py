"""Fixtures of the black-box tests: a server per test process, real clients, a repository per test."""

import uuid

import pytest

from support import stores
from support.clients import Rest, lakefs_client, s3_client
from support.server import Server


def pytest_report_header():
    return f"stores: {stores.NAMES}"


@pytest.hookimpl(trylast=True)  # after the last fixture has ended
def pytest_sessionfinish():
    stores.discard_shared()


@pytest.fixture(scope="session")
def server():
    running = Server().start().set_up()
    yield running
    log, status = running.log(), running.stop()
    running.discard()
    assert status == 0, f"the server ended with {status}:\n{log[-5000:]}"
    assert "unexpected exception" not in log, log[-5000:]


@pytest.fixture(scope="session")
def s3(server):
    return s3_client(server)


@pytest.fixture(scope="session")
def lake(server):
    return lakefs_client(server)


@pytest.fixture(scope="session")
def rest(server):
    return Rest(server)


@pytest.fixture
def repo(server, rest):
    """The name of a new repository with the branch main."""
    name = "repo-" + uuid.uuid4().hex[:12]
    status, answer = rest.call("POST", "/repositories",
                               {"name": name, "storage_namespace": server.namespace(name)})
    assert status == 201, answer
    return name
