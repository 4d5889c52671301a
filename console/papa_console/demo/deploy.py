"""The deploy script of the demonstration; everything that it knows, papa holds.

``python -m papa_console.demo.deploy ENDPOINT [GENERATION]`` rolls the web server to a generation: start it on the
held socket, wait until it answers, let it prove itself, then retire its predecessors. Without a
generation it carries on with the one that an earlier deploy script had begun. Killed at any point, it can be
run again: making a socket or process again only returns what is there.
"""

import contextlib
import http.client
import os
import signal
import sys
import time

import papa
from papa_console.demo.app import GENERATION_HEADER

SOCKET = "web"
TARGET = "deploy.generation"
PROVING_SECONDS = 1.0
ANSWERS = "answers"
_WORKERS = 2


def say(text: str) -> None:
    """Tell whoever started the script."""
    print(text, flush=True)


def fetch_generation(port: int) -> str:
    """Ask the web server which generation answers.

    Raises:
        OSError, http.client.HTTPException: it did not answer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        return response.headers[GENERATION_HEADER] or ""
    finally:
        connection.close()


def _start(client: papa.Papa, generation: str) -> papa.ProcessInfo:
    """Start a generation of gunicorn on the held socket; it logs each request to standard output."""
    return client.make_process(
        f"{SOCKET}.{generation}",
        sys.executable,
        [
            "-m", "gunicorn", "--bind", f"fd://$(socket.{SOCKET}.fileno)", "--workers", _WORKERS,
            "--access-logfile", "-", "--access-logformat", "%(r)s %(s)s", "papa_console.demo.app:application",
        ],
        env={"GENERATION": generation, "PATH": os.defpath, "PYTHONUNBUFFERED": "1"},
        working_dir="/",
    )  # fmt: skip


def _wait_until_it_answers(port: int, generation: str) -> None:
    """Ask until the generation has answered; while two generations serve, either may."""
    deadline = time.monotonic() + 30
    while fetch_generation(port) != generation:
        if time.monotonic() > deadline:
            raise SystemExit(f"generation {generation} does not answer")


def _retire(client: papa.Papa, name: str, pid: int) -> None:
    """Ask a process to end, and look on, without consuming its output, until it has."""
    with contextlib.suppress(papa.CommandFailedError), client.tail_processes(name) as tail:
        os.kill(pid, signal.SIGTERM)
        for _, _, ends in tail:
            if ends:
                say(f"{name} (pid {pid}) has ended with status {ends[0].data}")
                return


def deploy(client: papa.Papa, generation: str) -> None:
    """Roll the web server to a generation."""
    client.set(TARGET, generation)
    held = client.make_socket(SOCKET, backlog=512)
    process = _start(client, generation)
    say(f"{SOCKET}.{generation} (pid {process['pid']}) is on the held socket, port {held['port']}")
    _wait_until_it_answers(held["port"], generation)
    older = {
        name: info["pid"]
        for name, info in client.list_processes(f"{SOCKET}.*").items()
        if name != f"{SOCKET}.{generation}" and info["running"]
    }
    say(f"{SOCKET}.{generation} {ANSWERS}" + ("; it has to prove itself before others retire" if older else ""))
    if older:
        time.sleep(PROVING_SECONDS)
    for name, pid in older.items():
        _retire(client, name, pid)
    say(f"generation {generation} is deployed")


def main(arguments: list[str]) -> int:
    """Run the script."""
    with papa.Papa(arguments[0], start=False) as client:
        begun = client.get(TARGET)
        if len(arguments) < 2:
            say(f"carrying on with generation {begun}, which another script had begun")
        generation = arguments[1] if len(arguments) > 1 else begun
        if generation is None:
            say("there is nothing to carry on with")
            return 1
        try:
            deploy(client, generation)
        except (papa.Error, OSError, http.client.HTTPException) as error:
            say(f"generation {generation} is not deployed: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
