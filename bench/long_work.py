#!/usr/bin/env python3
"""Rate, CPU time and peak memory of what goes on after its request, on many objects.

    bench/long_work.py [--binary build/release/bin/tarn] [--objects 1000000] [--folder /var/tmp]

Makes a folder of small files (hard links, 1,000 in a folder, so that it costs little), then measures, each on a
server started afresh so that peaks are its own: the import of a tenth of them, of all of them, of all of them again
over the first; the difference between all of them and a tenth that changed, page by page; the merge of one into the
other; a dump and a restore of the repository; the preparation of uncommitted objects while as many are staged; that
of commits. Peak memory must not grow with the number of objects.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from support.clients import KeptConnection, Rest  # noqa: E402
from support.server import PROJECT, Server  # noqa: E402

from server import Meter  # noqa: E402

LINKS = 30_000  # of one file; file systems allow some 65,000


def make_files(folder, count, content="content"):
    folder.mkdir(parents=True)
    original = None
    for number in range(count):
        place = folder / f"part-{number // 1000:05}"
        if number % 1000 == 0:
            place.mkdir()
        if number % LINKS == 0:
            original = place / f"{number:08}"
            original.write_text(f"{content} {number}")
        else:
            os.link(original, place / f"{number:08}")


def wait(rest, path, over):
    while True:
        status, answer = rest.call("GET", path)
        assert status == 200, answer
        if over(answer):
            return answer
        time.sleep(0.1)


def run_import(rest, repository, source, branch="main"):
    root = f"/repositories/{repository}/branches/{branch}/import"
    status, job = rest.call("POST", root, {
        "paths": [{"type": "common_prefix", "path": f"local://{source}/", "destination": "in/"}],
        "commit": {"message": "imported"}})
    assert status == 202, job
    ended = wait(rest, f"{root}?id={job['id']}", lambda answer: answer["completed"] or "error" in answer)
    assert ended["completed"], ended
    return ended["ingested_objects"]


def stage(server, repository, first, last):
    rest = KeptConnection(server)
    for number in range(first, last):
        status, answer = rest.call(
            "PUT", f"/repositories/{repository}/branches/main/objects?path=staged/{number:08}",
            {"physical_address": f"local://{repository}/data/p/{number}", "checksum": f"{number:032x}",
             "size_bytes": number})
        assert status == 201, answer


def create(rest, name, **query):
    bare = str(query.get("bare", False)).lower()
    namespace = query.get("namespace", name)
    status, answer = rest.call("POST", f"/repositories?bare={bare}",
                               {"name": name, "storage_namespace": f"local://{namespace}"})
    assert status == 201, answer


def differences(server, repository, left, right):
    """How many there are, by pages of 1,000."""
    rest, after, count = KeptConnection(server), "", 0
    path = f"/repositories/{repository}/refs/{left}/diff/{right}?amount=1000&after="
    while True:
        status, answer = rest.call("GET", path + after)
        assert status == 200, answer
        page = json.loads(answer)
        count += len(page["results"])
        if not page["pagination"]["has_more"]:
            return count
        after = page["pagination"]["next_offset"]


def prepare_uncommitted(rest, repository):
    token, files = "", 0
    while token is not None:
        status, answer = rest.call("POST", f"/repositories/{repository}/gc/prepare_uncommited",
                                   {"continuation_token": token} if token else {})
        assert status == 201, answer
        token, files = answer.get("continuation_token"), files + 1
    return files


def compare_and_merge(server, rest, restart, small, objects):
    """`changed` begins where main did, with a tenth of main's paths and other content under each."""
    status, log = rest.call("GET", "/repositories/bench/refs/main/commits?amount=1000")
    assert status == 200, log
    status, answer = rest.call("POST", "/repositories/bench/branches",
                               {"name": "changed", "source": log["results"][-1]["id"]}, raw=True)
    assert status == 201, answer
    run_import(rest, "bench", small, "changed")
    restart()
    with Meter(server, f"differences among {objects:,}", objects):
        assert differences(server, "bench", "changed", "main") == objects
    restart()
    with Meter(server, "merge of them", objects):
        status, answer = rest.call("POST", "/repositories/bench/refs/main/merge/changed", {"strategy": "source-wins"})
        assert status == 200, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(PROJECT / "build/release/bin/tarn"))
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--staged", type=int, help="how many are staged; default: as many as objects")
    parser.add_argument("--folder", default="/var/tmp")
    given = parser.parse_args()
    os.environ["TARN_BINARY"] = given.binary
    objects, staged = given.objects, given.objects if given.staged is None else given.staged
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tarn-long-work-", dir=given.folder))
    small, large = folder / "small", folder / "large"
    make_files(small, objects // 10, "changed")
    make_files(large, objects)
    server = Server({"TARN_BLOCKSTORE_LOCAL_IMPORT_ENABLED": "true",
                     "TARN_BLOCKSTORE_LOCAL_ALLOWED_EXTERNAL_PREFIXES": str(folder),
                     # Else peaks are those of the embedded store's cache, which fills up to this and stays.
                     "TARN_DATABASE_LOCAL_MEMORY_BYTES": str(8 << 20)},
                    folder=folder / "server-of-bench")
    server.folder.mkdir()
    server.start().set_up()
    rest = Rest(server)
    create(rest, "bench")

    def restart():
        assert server.stop() == 0
        server.start()

    try:
        with Meter(server, f"import of {objects // 10:,}", objects // 10):
            run_import(rest, "bench", small)
        restart()
        with Meter(server, f"import of {objects:,}", objects):
            assert run_import(rest, "bench", large) == objects
        restart()
        with Meter(server, "the same again", objects):
            run_import(rest, "bench", large)
        compare_and_merge(server, rest, restart, small, objects)
        restart()
        with Meter(server, "dump", 1):
            _, dump = rest.call("PUT", "/repositories/bench/refs/dump")
        create(rest, "copy", bare=True, namespace="bench")
        with Meter(server, "restore", 1):
            assert rest.call("PUT", "/repositories/copy/refs/restore", dump)[0] == 200
        rest.call("PUT", "/repositories/bench/settings/gc_rules", {"default_retention_days": 1, "branches": []})
        with Meter(server, "GC: prepare commits", 1):
            assert rest.call("POST", "/repositories/bench/gc/prepare_commits")[0] == 201
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            step = -(-staged // 16)
            list(pool.map(lambda first: stage(server, "bench", first, min(first + step, staged)),
                          range(0, staged, step)))
        restart()
        with Meter(server, f"GC: prepare {staged:,} uncommitted", staged):
            prepare_uncommitted(rest, "bench")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
