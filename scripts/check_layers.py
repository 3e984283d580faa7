#!/usr/bin/env python3
"""Holds every #include below src/ to the room() lines of the CMake files.

usage: check_layers.py SOURCE_FOLDER
       check_layers.py --self-test

Refused: a room that is not named in USES (in tests/ and testing/ also TEST_USES), a ring of rooms, a
foreign internal/, testing/ outside tests, and Asio or Beast in a header outside http/ other than
base/task.h.
"""

import pathlib
import re
import sys
import tempfile

ROOM = re.compile(r"\broom\(\s*(\w+)([^)]*)\)")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
NETWORK = re.compile(r"boost/(asio|beast)\b")
TASK_INCLUDES = {"boost/asio/awaitable.hpp", "boost/asio/io_context.hpp"}
KEYWORDS = {"USES", "LIBRARIES", "TEST_USES"}


def read_rooms(source):
    """The rooms as {name: (uses, test_uses)}."""
    rooms = {}
    for cmake in sorted(source.glob("src/*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", cmake.read_text())
        for name, rest in ROOM.findall(text):
            lists = {keyword: set() for keyword in KEYWORDS}
            current = None
            for word in rest.split():
                if word in KEYWORDS:
                    current = word
                elif current:
                    lists[current].add(word)
            rooms[name] = (lists["USES"], lists["TEST_USES"])
    return rooms


def find_rings(rooms):
    faults = []
    done = set()

    def visit(name, path):
        if name in path:
            faults.append("ring of rooms: " + " -> ".join(path[path.index(name):] + [name]))
            return
        if name in done or name not in rooms:
            return
        for used in sorted(rooms[name][0]):
            visit(used, path + [name])
        done.add(name)

    for name in sorted(rooms):
        visit(name, [])
    return faults


def check_quoted(rooms, room, in_tests, included):
    """What is wrong with a quoted include, or None."""
    parts = included.split("/")
    if len(parts) < 2:
        return "include paths begin at src/"
    other = parts[0]
    if other == room:
        return None
    if other not in rooms:
        return f"there is no room '{other}'"
    allowed = rooms[room][0] | (rooms[room][1] if in_tests else set())
    if other not in allowed:
        return f"room '{room}' does not name '{other}' in its CMake line"
    if "internal" in parts[1:-1]:
        return f"internal/ of '{other}' is closed to '{room}'"
    if "testing" in parts[1:-1] and not in_tests:
        return "testing/ is for tests only"
    return None


def check_network(room, path, included):
    if not NETWORK.match(included) or room == "http" or path.suffix == ".cc":
        return None
    if room == "base" and path.name == "task.h":
        return None if included in TASK_INCLUDES else "base/task.h includes no more of Asio"
    return "Asio and Beast stay in http/, base/task.h and .cc files"


def check(source):
    rooms = read_rooms(source)
    faults = find_rings(rooms)
    for path in sorted((source / "src").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        relative = path.relative_to(source / "src")
        room = relative.parts[0]
        if room not in rooms:
            faults.append(f"src/{relative}: its folder declares no room")
            continue
        in_tests = bool({"tests", "testing"} & set(relative.parts[1:-1]))
        for quoted, angled in INCLUDE.findall(path.read_text()):
            fault = (check_quoted(rooms, room, in_tests, quoted) if quoted
                     else check_network(room, path, angled))
            if fault:
                faults.append(f"src/{relative}: {quoted or angled}: {fault}")
    return faults


CASES = [  # file, content, what the fault says (None: no fault)
    ("low/a.h", '#include "low/internal/b.h"', None),
    ("high/a.cc", '#include "low/a.h"\n#include "low/a.pb.h"\n#include <boost/asio/post.hpp>', None),
    ("low/a.cc", '#include "high/a.h"', "does not name 'high'"),
    ("high/a.cc", '#include "low/internal/b.h"', "is closed to"),
    ("high/a.cc", '#include "side/a.h"', "does not name 'side'"),
    ("high/tests/a_test.cc", '#include "side/testing/a.h"', None),
    ("high/a.cc", '#include "low/testing/a.h"', "for tests only"),
    ("high/a.h", "#include <boost/asio/post.hpp>", "Asio and Beast stay"),
    ("http/a.h", "#include <boost/beast/core.hpp>", None),
    ("high/a.cc", '#include "other/a.h"', "no room 'other'"),
    ("side/CMakeLists.txt", "room(side USES high)", None),
    ("low/CMakeLists.txt", "room(low USES high)", "ring of rooms"),
]


def self_test():
    for name, content, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            files = {
                "low/CMakeLists.txt": "room(low LIBRARIES some::thing)",
                "http/CMakeLists.txt": "room(http USES low)",
                "side/CMakeLists.txt": "room(side USES low)",
                "high/CMakeLists.txt": "room(high USES low http\n     TEST_USES side)",
                name: content,
            }
            for file, text in files.items():
                path = source / "src" / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            faults = check(source)
        right = not faults if expected is None else any(expected in fault for fault in faults)
        if not right:
            sys.exit(f"self-test: {name} with {content!r}: expected {expected!r}, got {faults}")


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return
    faults = check(pathlib.Path(sys.argv[1]))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
