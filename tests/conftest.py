"""Fixtures of the black-box tests: a server per test process, real clients, a repository per test."""

import collections
import uuid

import pytest

from support import stores
from support.clients import Rest, lakefs_client, s3_client
from support.server import Server


# The tests that are about stores other than those under test; those of xdist's workers are told to the controller.
ELSEWHERE = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[ELSEWHERE] = []


def pytest_report_header():
    return f"stores: {stores.NAMES}"


@pytest.hookimpl(trylast=True)  # what -m and -k leave out is not counted
def pytest_collection_modifyitems(config, items):
    here = set(stores.NAMES.split("+"))
    elsewhere = [item for item in items if not here.issuperset(
        name for marker in item.iter_markers("only_on") for name in marker.args)]
    items[:] = [item for item in items if item not in elsewhere]
    config.hook.pytest_deselected(items=elsewhere)
    config.stash[ELSEWHERE] = [item.nodeid for item in elsewhere]
    if hasattr(config, "workeroutput"):
        config.workeroutput["elsewhere"] = config.stash[ELSEWHERE]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[ELSEWHERE] = node.workeroutput["elsewhere"]


def pytest_terminal_summary(terminalreporter, config):
    elsewhere = config.stash[ELSEWHERE]
    if elsewhere:
        terminalreporter.section(f"{len(elsewhere)} tests left out: they are not about {stores.NAMES}")
        for name, count in collections.Counter(name.split("[")[0] for name in elsewhere).items():
            terminalreporter.write_line(name + (f" ({count})" if count > 1 else ""))


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
def repo(server):
    """The name of a new repository with the branch main."""
    return server.make_repository("repo-" + uuid.uuid4().hex[:12])
