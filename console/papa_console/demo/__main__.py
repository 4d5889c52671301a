"""The demonstration that ``make demo`` starts.

On a terminal the dashboard is opened on a shop at work. Without one that can move its cursor the flagship scenario is
played and printed as it happens; exit status 0 says that no request failed, no line of output was lost and everything
ended as it should.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import papa
from papa_console.demo.deploy import ANSWERS, SOCKET
from papa_console.demo.load import Load
from papa_console.demo.reader import Reader
from papa_console.repl.output import BAD_TERMINALS

_started = time.monotonic()


def tell(who: str, text: str) -> None:
    """Print one line of the story."""
    print(f"{time.monotonic() - _started:6.2f} s  {who:<8}  {text}", flush=True)


def run_deploy(endpoint: str, *generation: str, kill_when: str | None = None) -> int:
    """Run a deploy script, telling what it says; kill it -9 as soon as it says ``kill_when``."""
    command = [sys.executable, "-m", "papa_console.demo.deploy", endpoint, *generation]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        for line in script.stdout:
            tell("deploy", f"[{script.pid}] {line.rstrip()}")
            if kill_when is not None and kill_when in line:
                script.kill()
                tell("demo", f"deploy script {script.pid} is killed with SIGKILL, half-way")
                kill_when = None
    return script.returncode


def _check(problems: list[str], fine: bool, problem: str) -> None:
    if not fine:
        problems.append(problem)


def _pids(client: papa.Papa) -> str:
    processes = client.list_processes(f"{SOCKET}.*").items()
    states = [f"{name} pid {info['pid']}" for name, info in processes]
    return f"kernel pid {client.info()['pid']}, " + ", ".join(states)


def play(client: papa.Papa, endpoint: str, problems: list[str]) -> None:
    """Play the scenario on a kernel, and note what went wrong."""
    kernel_pid = client.info()["pid"]
    tell("kernel", f"pid {kernel_pid} listens on {endpoint}")
    _check(problems, run_deploy(endpoint, "1") == 0, "the first deploy failed")
    port = client.list_sockets(SOCKET)[SOCKET]["port"]
    reader = Reader(endpoint, f"{SOCKET}.*")
    load = Load(port)
    try:
        _roll(client, endpoint, load, problems)
    finally:
        load.stop()
        _end_all(client)
        reader.join()
    _report(client, kernel_pid, load, reader, problems)


def _roll(client: papa.Papa, endpoint: str, load: Load, problems: list[str]) -> None:
    load.wait_for("1", 200)
    tell("load", f"{load.served.total()} requests served, {len(load.failures)} failed; port {_port(client)} is busy")
    tell("demo", f"before: {_pids(client)}")
    killed = run_deploy(endpoint, "2", kill_when=f"{SOCKET}.2 {ANSWERS}")
    _check(problems, killed == -signal.SIGKILL, "the deploy script was not killed half-way")
    load.wait_for("2", 50)
    tell("load", f"{load.served.total()} requests served, {len(load.failures)} failed; both generations answer")
    _check(problems, run_deploy(endpoint) == 0, "the second deploy script could not carry on")
    load.wait_for("2", 200)
    tell("demo", f"after:  {_pids(client)}")


def _port(client: papa.Papa) -> int:
    return client.list_sockets(SOCKET)[SOCKET]["port"]


def _end_all(client: papa.Papa) -> None:
    for info in client.list_processes(f"{SOCKET}.*").values():
        if info["running"]:
            os.kill(info["pid"], signal.SIGTERM)


def _report(client: papa.Papa, kernel_pid: int, load: Load, reader: Reader, problems: list[str]) -> None:
    for name, status in sorted(reader.exit_status.items()):
        tell("reader", f"{name}: {reader.lines[name]} lines of output captured, ended with status {status}")
        _check(problems, status == 0, f"{name} ended with status {status}")
    served, logged = load.served.total(), reader.requests.total()
    by_generation = ", ".join(f"{count} by generation {name}" for name, count in sorted(load.served.items()))
    tell("load", f"requests served: {served} ({by_generation}); requests failed: {len(load.failures)}")
    _check(problems, not load.failures, f"{len(load.failures)} requests failed, the first: {load.failures[:1]}")
    _check(problems, set(load.served) == {"1", "2"}, "not both generations answered")
    _check(problems, logged >= served, f"{served} requests were served but only {logged} lines of them captured")
    _check(problems, len(reader.exit_status) == 2, "not both generations ended")
    _check(problems, client.info()["pid"] == kernel_pid, "the kernel is another one")
    _check(problems, client.remove_sockets(SOCKET), "the socket could not be removed")


def main() -> int:
    """Run the demonstration."""
    if _is_for_people():
        from papa_console.dashboard.__main__ import main as open_dashboard  # noqa: PLC0415 - it needs Textual

        sys.argv[1:] = ["--demo"]
        open_dashboard()
    return report()


def _is_for_people() -> bool:
    """Whether somebody sits there, at a terminal on which the dashboard can be shown."""
    able = os.environ.get("TERM", "") not in BAD_TERMINALS
    return able and sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def report() -> int:
    """Play the scenario, and return the exit status."""
    problems: list[str] = []
    papa.set_debug_mode(quit_when_connection_closed=True)
    with tempfile.TemporaryDirectory(prefix="papa-demo-") as folder:
        endpoint = str(Path(folder) / "papa.sock")
        with papa.Papa(endpoint) as client:
            play(client, endpoint, problems)
    for problem in problems:
        tell("demo", f"FAILED: {problem}")
    tell("demo", "nothing failed" if not problems else f"{len(problems)} things failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
