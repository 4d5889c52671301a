"""Web servers that people use, behind a held socket: replaced under load, no request fails."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import papa
from papa_console.demo.app import GENERATION_HEADER
from papa_console.demo.deploy import fetch_generation
from papa_console.demo.load import Load
from support.kernels import REPOSITORY, KernelProcess
from support.programs import need_program
from support.wire import TIMEOUT

GENERATIONS = ("1", "2", "3")
SEEN = 100  # requests that each generation answers

NGINX = """
daemon off;
pid {folder}/pid.{generation};
error_log stderr;
worker_processes 2;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} deferred;
        location / {{ add_header {header} {generation}; return 200 hello; }}
    }}
}}
"""


class Server(NamedTuple):
    """How a server is run on the socket called web.

    Args:
        words: its words, in which ``{generation}`` and ``{folder}`` stand for what they are called.
        options: further ones of ``make_process``.
        end: the signal that lets it finish what it has begun.
    """

    words: Sequence[str]
    options: dict[str, Any]
    end: signal.Signals = signal.SIGTERM


def python(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def example(program: str, application: str) -> Server:
    return Server([sys.executable, str(REPOSITORY / "docs" / "examples" / program), application], LISTEN)


WSGI, ASGI = "papa_console.demo.app:application", "support.servers:application"
LISTEN = {"listen": "web"}
FILENO = "$(socket.web.fileno)"
# Those that finish what they have begun, and those that the guide teaches to.
SERVERS = {
    "gunicorn": Server(python("gunicorn", "--workers", "2", WSGI), LISTEN),
    "nginx": Server(["nginx", "-c", "{folder}/nginx.{generation}"], {"env": {"NGINX": f"{FILENO};"}}, signal.SIGQUIT),
    "uvicorn": example("serve_uvicorn.py", ASGI),
    "hypercorn": example("serve_hypercorn.py", ASGI),
    "waitress": example("serve_waitress.py", WSGI),
}
AS_THEY_COME = {
    "uvicorn": Server(python("uvicorn", "--fd", FILENO, ASGI), {}),
    "hypercorn": Server(python("hypercorn", "--bind", f"fd://{FILENO}", ASGI), {}),
}


class Stage:
    """A held socket called web, and the generations of a server on it."""

    def __init__(self, client: papa.Papa, server: Server, folder: Path) -> None:
        self._client = client
        self._server = server
        self._folder = folder
        self.port = client.make_socket("web", backlog=512)["port"]

    def start(self, generation: str) -> None:
        """Start a generation beside those that there are."""
        names = {"generation": generation, "folder": self._folder}
        config = NGINX.format(port=self.port, header=GENERATION_HEADER, **names)
        (self._folder / f"nginx.{generation}").write_text(config)
        env = {"GENERATION": generation, "PATH": os.environ["PATH"], "PYTHONPATH": paths()}
        options = {**self._server.options, "env": {**env, **self._server.options.get("env", {})}}
        words = [word.format(**names) for word in self._server.words]
        self._client.make_process(f"web.{generation}", words[0], words[1:], **options)

    def end(self, generation: str) -> None:
        """Let a generation finish what it has begun, and wait until it has ended."""
        with self._client.tail_processes(f"web.{generation}") as tail:
            os.kill(self._client.list_processes(f"web.{generation}")[f"web.{generation}"]["pid"], self._server.end)
            assert any(ends for _, _, ends in tail)


def paths() -> str:
    """Return where servers find the applications."""
    return os.pathsep.join([str(REPOSITORY / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_replaced_under_load_and_no_request_fails(kernel: KernelProcess, tmp_path: Path, name: str) -> None:
    server = SERVERS[name]
    need_program(server.words[0])

    with papa.Papa(kernel.path, TIMEOUT, start=False) as client:
        stage = Stage(client, server, tmp_path)
        stage.start("1")
        load = Load(stage.port)
        try:
            load.wait_for("1", SEEN)
            for generation in GENERATIONS[1:]:
                stage.start(generation)
                load.wait_for(generation, SEEN)
                stage.end(str(int(generation) - 1))
        finally:
            load.stop()

    assert load.failures == []
    assert set(load.served) == set(GENERATIONS)


@pytest.mark.parametrize("name", AS_THEY_COME)
def test_a_server_s_own_command_serves_on_a_held_socket(kernel: KernelProcess, tmp_path: Path, name: str) -> None:
    with papa.Papa(kernel.path, TIMEOUT, start=False) as client:
        stage = Stage(client, AS_THEY_COME[name], tmp_path)

        stage.start("1")

        assert fetch_generation(stage.port) == "1"
        stage.end("1")
