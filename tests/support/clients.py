"""Real clients for a server: boto3, the lakefs package, and plain REST."""

import base64
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.config
import lakefs


def s3_client(server, **config):
    return boto3.client(
        "s3", endpoint_url=server.endpoint, aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key, region_name="us-east-1",
        config=botocore.config.Config(
            s3={"addressing_style": "path"}, retries={"max_attempts": 1},
            max_pool_connections=64, **config))


def lakefs_client(server):
    return lakefs.Client(host=server.endpoint, username=server.access_key, password=server.secret_key)


class Rest:
    """The REST API by hand: status and decoded body."""

    def __init__(self, server):
        credentials = f"{server.access_key}:{server.secret_key}".encode()
        self.base = server.endpoint + "/api/v1"
        self.authorization = "Basic " + base64.b64encode(credentials).decode()

    def call(self, method, path, body=None, headers=None, raw=False):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        request.add_header("Authorization", self.authorization)
        if data is not None:
            request.add_header("Content-Type", "application/octet-stream" if isinstance(body, bytes)
                               else "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        if raw:
            return status, content
        return status, json.loads(content) if content.strip() else None

    def all(self, path):
        """All results of a list, page by page."""
        found, after = [], ""
        while True:
            status, page = self.call("GET", f"{path}{'&' if '?' in path else '?'}amount=1000&after={urllib.parse.quote(after)}")
            assert status == 200, page
            found += page["results"]
            if not page["pagination"]["has_more"]:
                return found
            after = page["pagination"]["next_offset"]


class KeptConnection:
    """REST over one kept-alive connection, for load; of one thread."""

    def __init__(self, server):
        credentials = f"{server.access_key}:{server.secret_key}".encode()
        self.headers = {"Authorization": "Basic " + base64.b64encode(credentials).decode(),
                        "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        self.connection.request(method, "/api/v1" + path, data, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()
