"""The tour of the README works as printed."""

import os
import re
import subprocess
import sys

from support.server import PROJECT, Server


def tour():
    """The Python blocks of the README joined, and what it says they print."""
    text = (PROJECT / "README.md").read_text().split("## Five-minute tour", 1)[1]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    code = "".join(body for language, body in blocks if language == "python")
    printed = "".join(body for language, body in blocks if language == "")
    return code, printed


def test_the_tour_prints_what_the_readme_says():
    code, printed = tour()
    server = Server().start().set_up()
    environment = os.environ | {"AWS_ACCESS_KEY_ID": server.access_key,
                                "AWS_SECRET_ACCESS_KEY": server.secret_key,
                                "AWS_DEFAULT_REGION": "us-east-1"}

    answer = subprocess.run(
        [sys.executable, "-c", code.replace("http://127.0.0.1:8000", server.endpoint).replace("local://", server.namespace(""))],
        env=environment, capture_output=True, text=True, timeout=120)
    server.discard()

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == printed
