"""The pair of stores that the servers under test use: TARN_TEST_STORES, by default rocksdb+local.

Each server gets stores of its own: a folder, or a new database of the one PostgreSQL that the first of them starts.
A further store is one class here and one line in KEY_VALUE or BLOCKS.
"""

import atexit
import os
import pathlib
import tempfile
import uuid

from support.postgres import Postgres
from support.versitygw import Versitygw

NAMES = os.environ.get("TARN_TEST_STORES", "rocksdb+local")

# What lets a server import from the folders of `LocalBlocks.outside`; over S3 every server may import.
IMPORTS = {"TARN_BLOCKSTORE_LOCAL_IMPORT_ENABLED": "true",
           "TARN_BLOCKSTORE_LOCAL_ALLOWED_EXTERNAL_PREFIXES": tempfile.gettempdir()}

_shared = {}  # what is started once per test process


def shared(name, start):
    """What `start` makes at the first call, with a `discard` for the end of the process."""
    if name not in _shared:
        _shared[name] = start()
    return _shared[name]


@atexit.register
def discard_shared():
    while _shared:
        _shared.popitem()[1].discard()


def postgres():
    return shared("postgres", lambda: Postgres().start())


def versitygw():
    return shared("versitygw", lambda: Versitygw().start())


class Rocksdb:
    """The embedded store, in the server's data folder."""

    def __init__(self):
        self.settings = {}

    def discard(self):
        pass


class PostgresDatabase:
    """A database of the shared PostgreSQL, or of `server`."""

    def __init__(self, server=None):
        self.server = server or postgres()
        self.name = self.server.create_database()
        self.settings = {"TARN_DATABASE_TYPE": "postgres", "TARN_AUTH_ENCRYPT_SECRET_KEY": "shared by all servers",
                         "TARN_DATABASE_POSTGRES_CONNECTION_STRING": self.server.url(self.name)}

    def sql(self, statement):
        return self.server.sql(statement, self.name)

    def discard(self):
        self.server.drop_database(self.name)


class LocalBlocks:
    """Objects in the server's data folder."""

    kind = "local"

    def __init__(self):
        self.settings = {}

    def namespace(self, name):
        return f"local://{name}"

    def file(self, address):
        """Where the object of a physical address lies; of an address's beginning, the folder."""
        return pathlib.Path(address.removeprefix("local://"))

    def outside(self, folder):
        """`folder`, which a test may fill, as a place outside of all repositories: its path and its address."""
        return folder, f"local://{folder}"

    def discard(self):
        pass


class S3Blocks:
    """A bucket of the shared S3 server, or of `server`; objects are files in its folder."""

    kind = "s3"

    def __init__(self, server=None, endpoint=None):
        self.server = server or versitygw()
        self.bucket = self.server.new_bucket()
        self.settings = self.server.settings(endpoint) | {
            "TARN_BLOCKSTORE_DEFAULT_NAMESPACE_PREFIX": f"s3://{self.bucket}/new/"}

    def namespace(self, name):
        return f"s3://{self.bucket}/{name}"

    def file(self, address):
        return self.server.folder / "buckets" / address.removeprefix("s3://")

    def outside(self, folder):
        address = f"s3://{self.bucket}/outside-{uuid.uuid4().hex}"
        self.file(address).mkdir()
        return self.file(address), address

    def discard(self):
        pass


KEY_VALUE = {"rocksdb": Rocksdb, "postgres": PostgresDatabase}
BLOCKS = {"local": LocalBlocks, "s3": S3Blocks}


class Stores:
    """A key-value store and an object store for one installation; several servers may share it.

    `kv` and `blocks` take the places of those that would be made.
    """

    def __init__(self, names=None, kv=None, blocks=None):
        key_value, objects = (names or NAMES).split("+")
        self.kv, self.blocks = kv or KEY_VALUE[key_value](), blocks or BLOCKS[objects]()

    @property
    def settings(self):
        """What a server's environment says of them."""
        return self.kv.settings | self.blocks.settings

    def discard(self):
        self.kv.discard()
        self.blocks.discard()
