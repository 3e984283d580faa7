"""An independent reader of what lakeFS keeps in its tables and range files, after docs/formats only.

Strict: an unknown partition, key or field, a field of another kind, out of order or written twice is an error. It is
shown to be right on rows and files that lakeFS itself wrote, and then holds ours to the same shapes.
"""

import base64
import hashlib
import pathlib
import re
import subprocess
import tempfile

TIME = {1: "varint", 2: "varint"}
NO_FIELDS = {}
COMMIT = {1: "string", 2: "string", 3: "string", 4: TIME, 5: "string", 6: ("map", "string"),
          7: ("list", "string"), 8: "varint", 9: "varint"}
TASK = {1: "string", 2: "varint", 3: TIME, 4: "varint", 5: "string", 6: "varint", 7: "string", 8: "string"}
ENTRY = {1: "string", 2: TIME, 3: "varint", 4: "string", 5: ("map", "string"), 6: "varint", 7: "string"}
RANGE = {1: "bytes", 2: "bytes", 3: "varint", 4: "varint"}
INDEX = {1: "bytes"}
USER = {1: TIME, 2: "string", 3: "string", 4: "string", 5: "bytes", 6: "string", 7: "string"}
CREDENTIAL = {1: "string", 2: "bytes", 3: TIME, 4: "bytes"}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
XID = r"[0-9a-v]{19}[0g]"
HEX = r"[0-9a-f]{64}"
REPO = rf"[a-z0-9][a-z0-9-]{{2,62}}-{XID}"
TASK_STATUS = {"DR": {1: "string", 2: "string", 3: "string"}, "RR": NO_FIELDS,
               "GC": {1: "string", 2: "string", 3: "string"}}

# Partition, key (both whole, as regular expressions over Latin-1) and the value: a message, or the text it must be.
ROWS = [
    ("kv-internal-metadata", "kv/schema/version", "4"),
    ("graveler", "repos/.+", {1: "string", 2: "string", 3: "string", 4: TIME, 5: "varint", 6: "string",
                              7: "varint", 8: "string"}),
    (REPO, "branches/.+", {1: "string", 2: "string", 3: "string", 4: ("list", "string"), 5: "varint"}),
    (REPO, f"commits/{HEX}", COMMIT),
    (REPO, "tags/.+", {1: "string", 2: "string"}),
    (REPO, "settings/protected_branches", {1: ("map", {1: "packed"})}),
    (REPO, f"imports/{XID}", {1: "string", 2: "varint", 3: TIME, 4: "varint", 5: "string", 6: COMMIT, 7: "string"}),
    (REPO, r"tasks/(DR|RR|GCPC)[-_0-9a-zA-Z]{20}", "task"),
    (REPO, f"pulls/{XID}", {1: "string", 2: "varint", 3: TIME, 4: "string", 5: "string", 6: "string", 7: "string",
                            8: "string", 9: "string", 10: TIME}),
    (REPO, "repo-metadata", {1: ("map", "string")}),
    (rf".+:{UUID}", "(?s:.+)", "staged"),
    ("cleanup-tokens", rf".+:{UUID}", "stub-value"),
    ("pulls", rf"repos/{REPO}/.+/.+", INDEX),
    ("catalog", f"instances/{XID}", {1: TIME}),
    ("actions", r"repos/[^/]+/runs/.+", {1: "string", 2: "string", 3: "string", 4: "string", 5: "string", 6: TIME,
                                         7: TIME, 8: "varint"}),
    ("actions", r"repos/[^/]+/tasks/[^/]+/[^/]+", {1: "string", 2: "string", 3: "string", 4: "string", 5: TIME,
                                                   6: TIME, 9: "varint"}),
    ("actions", r"repos/[^/]+/(branches|commits)/.+", INDEX),
    ("multiparts", "[0-9a-zA-Z+/=_.~-]+", {1: "string", 2: "string", 3: TIME, 4: "string", 5: ("map", "string"),
                                           6: "string", 100: "string"}),  # 100: Tarn's own, which lakeFS skips
    ("usage", r"usage/monthly/[^/]+/\d{6}", re.compile(r"\d+")),
    ("auth", "installation_id", re.compile(UUID)),
    ("auth", "installation_metadata/.+", re.compile(".*")),
    ("basicAuth", "users/superAdmin", USER),
    ("basicAuth", "uCredentials/superAdmin/credentials/.+", CREDENTIAL),
]


class Malformed(Exception):
    pass


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a broken varint")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def fields(data):
    """(number, wire type, value) of a message, in order."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            if at > len(data):
                raise Malformed("a field longer than its message")
        else:
            raise Malformed(f"wire type {kind}")
        yield number, kind, value


def read(kind, value):
    if kind == "string":
        return value.decode()
    if kind == "bytes":
        return bytes(value)
    if kind == "packed":
        numbers, at = [], 0
        while at < len(value):
            number, at = varint(value, at)
            numbers.append(number)
        return numbers
    return message(kind, value)


def message(schema, data):
    """A message as a dictionary by field number."""
    result, last = {}, 0
    for number, wire, value in fields(data):
        kind = schema.get(number)
        if kind is None:
            raise Malformed(f"unknown field {number}")
        if (wire == 0) != (kind == "varint"):
            raise Malformed(f"field {number} has wire type {wire}")
        repeated = isinstance(kind, tuple)
        if number < last or (number == last and not repeated):
            raise Malformed(f"field {number} after field {last}")
        last = number
        if kind == "varint":
            if value == 0:
                raise Malformed(f"field {number} writes its default")
            result[number] = value
        elif not repeated:
            result[number] = read(kind, value)
        elif kind[0] == "list":
            result.setdefault(number, []).append(read(kind[1], value))
        else:
            pair = message({1: "string", 2: kind[1]}, value)
            result.setdefault(number, {})[pair.get(1, "")] = pair.get(2, "")
    return result


def read_value(kind, key, value):
    if kind == "staged":
        staged = message({1: "bytes", 2: "bytes", 3: "bytes"}, value)
        if staged.get(1) != key:
            raise Malformed("a staged entry under another key")
        if (2 in staged) != (3 in staged):
            raise Malformed("half a tombstone")
        return staged | ({"entry": message(ENTRY, staged[3])} if 3 in staged else {})
    if kind == "task":
        prefix = key.decode().split("/")[1][:2]
        return message({1: TASK, 2: TASK_STATUS[prefix]}, value)
    if isinstance(kind, re.Pattern):
        if not kind.fullmatch(value.decode()):
            raise Malformed(f"value {value!r}")
        return value.decode()
    if isinstance(kind, str):
        if value != kind.encode():
            raise Malformed(f"value {value!r}")
        return kind
    return message(kind, value)


def read_row(partition, key, value):
    """The pattern that a row of table kv follows, and its value. Errors: Malformed."""
    for partition_rule, key_rule, kind in ROWS:
        if re.fullmatch(partition_rule, partition.decode("latin-1")) and re.fullmatch(key_rule, key.decode("latin-1")):
            try:
                return (partition_rule, key_rule), read_value(kind, key, value)
            except (Malformed, UnicodeDecodeError) as error:
                raise Malformed(f"{partition!r} {key!r}: {error}: {value.hex()}") from error
    raise Malformed(f"no such row in lakeFS: {partition!r} {key!r}")


def rows_of(path):
    """(partition, key, value) of a kv.tsv file."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield tuple(base64.b64decode(field) for field in line.rstrip("\n").split("\t"))


# Identities.
def number(value):
    return b"\x02\x08" + value.to_bytes(8, "big", signed=True)


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return b"\x01" + number(len(data)) + data


def mapping(pairs):
    items = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    return b"\x04" + number(len(items)) + b"".join(text(key) + text(value) for key, value in items)


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def entry_identity(entry):
    parts = number(signed(entry.get(3, 0))) + text(entry.get(4, "")) + mapping(entry.get(5, {}))
    return hashlib.sha256(parts + (text(entry[7]) if entry.get(7) else b"")).digest()


def commit_id(commit):
    parents = commit.get(7, [])
    digest = hashlib.sha256(b"\x03" + number(len(parents)) + b"".join(map(text, parents))).digest()
    return hashlib.sha256(
        text("commit:v1") + text(commit.get(2, "")) + text(commit.get(3, "")) + text(commit.get(5, "")) +
        number(signed(commit.get(4, {}).get(1, 0))) + mapping(commit.get(6, {})) +
        b"\x05\x00" + number(len(digest)) + digest).hexdigest()


# Range files.
def zigzag(data, at):
    value, at = varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def envelope(value):
    size, at = zigzag(value, 0)
    identity, at = value[at:at + size], at + size
    size, at = zigzag(value, at)
    if at + size != len(value):
        raise Malformed("bytes behind an envelope")
    return identity, value[at:]


def records_of(path):
    """Keys and values of a range file, as RocksDB's own tool reads them; checksums are verified."""
    with tempfile.TemporaryDirectory() as folder:
        link = pathlib.Path(folder) / "range.sst"  # the tool reads no file of another name
        link.symlink_to(path)
        done = subprocess.run(["sst_dump", f"--file={link}", "--command=scan", "--output_hex", "--verify_checksum"],
                              capture_output=True, text=True)
    if done.returncode != 0 or "Corruption" in done.stdout + done.stderr:
        raise Malformed(f"{path}: {done.stdout[-500:]} {done.stderr[-500:]}")
    line = re.compile(r"^'([0-9A-F]*)' seq:\d+, type:1 => ?([0-9A-F]*)$")
    found = (line.match(part) for part in done.stdout.splitlines())
    return [(bytes.fromhex(match[1]), bytes.fromhex(match[2])) for match in found if match]


def file_id(records, kind):
    digest = hashlib.sha256()
    for key, value in records:
        digest.update(b"%d" % len(key) + key + b"|" + b"%d" % len(value) + value + b"|")
    digest.update(mapping({"type": kind}))
    return digest.hexdigest()
