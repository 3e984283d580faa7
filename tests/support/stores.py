"""The pair of stores that the servers under test use: TARN_TEST_STORES, by default rocksdb+local.

Each server gets stores of its own: a folder, or a new database of the one PostgreSQL that the first of them starts.
A further store is one class here and one line in KEY_VALUE or BLOCKS.
"""

import atexit
import os

from support.postgres import Postgres
from support.versitygw import Versitygw

NAMES = os.environ.get("TARN_TEST_STORES", "rocksdb+local")

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

    def __init__(self):
        self.settings = {}

    def namespace(self, name):
        return f"local://{name}"

    def discard(self):
        pass


class S3Blocks:
    """A bucket of the shared S3 server, or of `server`."""

    def __init__(self, server=None, endpoint=None):
        self.server = server or versitygw()
        self.bucket = self.server.new_bucket()
        self.settings = self.server.settings(endpoint) | {
            "TARN_BLOCKSTORE_DEFAULT_NAMESPACE_PREFIX": f"s3://{self.bucket}/new/"}

    def namespace(self, name):
        return f"s3://{self.bucket}/{name}"

    def discard(self):
        pass


KEY_VALUE = {"rocksdb": Rocksdb, "postgres": PostgresDatabase}
BLOCKS = {"local": LocalBlocks, "s3": S3Blocks}


class Stores:
    """A key-value store and an object store for one installation; several servers may share it.

    `kv` takes the place of the one that would be made.
    """

    def __init__(self, names=None, kv=None):
        key_value, blocks = (names or NAMES).split("+")
        self.kv, self.blocks = kv or KEY_VALUE[key_value](), BLOCKS[blocks]()

    @property
    def settings(self):
        """What a server's environment says of them."""
        return self.kv.settings | self.blocks.settings

    def discard(self):
        self.kv.discard()
        self.blocks.discard()
