"""nginx in front of several servers, as an operator would put it there."""

import pathlib
import socket
import subprocess
import types

from support.ports import free_port

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    upstream tarn {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://tarn;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_next_upstream error timeout http_503 non_idempotent;
        }}
    }}
}}
"""


class Nginx:
    """Balances between the ports of one machine; a server that does not answer is skipped."""

    def __init__(self, folder, ports):
        self.folder, self.port = pathlib.Path(folder) / "nginx", free_port()
        self.folder.mkdir()
        servers = "\n        ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
        configuration = CONFIGURATION.format(folder=self.folder, servers=servers, port=self.port)
        (self.folder / "nginx.conf").write_text(configuration)

    def __enter__(self):
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"])
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except ConnectionRefusedError:
                continue
        raise RuntimeError((self.folder / "nginx-error.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def front_of(self, server):
        """What the clients of the tests take for a server."""
        return types.SimpleNamespace(port=self.port, endpoint=f"http://127.0.0.1:{self.port}",
                                     access_key=server.access_key, secret_key=server.secret_key)
