"""A program that calls every method of a papa client, papa 1.0.6's or ours, and prints what came of it.

``python every_method.py ENDPOINT FOLDER`` prints one JSON object: by label, the result as JSON can hold it, or
``{"error": …}``. It may use only what both clients have.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Callable

import papa

RESULTS: dict[str, object] = {}
SCRIPT = "echo out; echo err >&2; exit 3"


def call(label: str, function: Callable[..., object], *args: object, **options: object) -> object:
    """Note what a call gives."""
    try:
        result = function(*args, **options)
    except papa.Error:
        RESULTS[label] = {"error": "papa.Error"}
        return None
    RESULTS[label] = result
    return result


def sockets(client: papa.Papa, folder: str) -> None:
    path = f"{folder}/held.sock"
    call("make a socket", client.make_socket, "s")
    call("make it again", client.make_socket, "s")
    call("make another of its name", client.make_socket, "s", backlog=9)
    call("make a unix socket", client.make_socket, "u", path=path, umask=0o77, backlog=7)
    call("make with everything", client.make_socket, "v", "127.0.0.1", 0, socket.AF_INET, socket.SOCK_STREAM, 9)
    call("make with reuseport", client.make_socket, "r", reuseport=True)
    call("make with a bad family", client.make_socket, "f", family=99)
    call("make at a bad host", client.make_socket, "h", host="no.such.host.invalid")
    call("list sockets", client.list_sockets)
    call("list some sockets", client.list_sockets, "s", "nope")
    call("list sockets by pattern", client.list_sockets, "v*")
    call("remove sockets", client.remove_sockets, "u", "v")
    call("remove an unknown socket", client.remove_sockets, "nope")
    RESULTS["the path is gone"] = not os.path.exists(path)
    call("remove the other sockets", client.remove_sockets, "s", "r")
    call("list no sockets", client.list_sockets)


def values(client: papa.Papa) -> None:
    call("set", client.set, "a", "one")
    call("set with blanks", client.set, "a.b", "two words")
    call("set with punctuation", client.set, "a.c", 'x"y=z>$(socket.a.port)\\n\u00e9')
    call("get", client.get, "a")
    call("get with blanks", client.get, "a.b")
    call("get with punctuation", client.get, "a.c")
    call("get nothing", client.get, "nope")
    call("list values", client.list_values)
    call("list values by pattern", client.list_values, "a.*")
    call("clear a value", client.set, "a")
    call("get it then", client.get, "a")
    call("remove all values", client.remove_values)
    call("remove all values by pattern", client.remove_values, "*")
    call("remove values", client.remove_values, "a.*")
    call("list no values", client.list_values)


def processes(client: papa.Papa) -> None:
    call(
        "make a process", client.make_process, "p", "/bin/sleep", "100", env={"A": "b"}, working_dir="/",
        rlimits={"nofile": 100}, stdout=papa.PIPE, stderr=papa.STDOUT, bufsize=4096,
    )  # fmt: skip
    call("make another", client.make_process, "q", "/bin/sleep", ["100"], stdout=papa.DEVNULL, stderr=papa.DEVNULL)
    call("make one of words only", client.make_process, "w", args=["/bin/sleep", "100"])
    call("make an impossible one", client.make_process, "n", "/no/such/program")
    call("make one for nobody known", client.make_process, "n", "/bin/true", uid="nosuchuser")
    call("make one somewhere else", client.make_process, "n", "/bin/true", working_dir="/no/such/folder")
    call("make one with a bad limit", client.make_process, "n", "/bin/true", rlimits={"nonsense": 1})
    call("list processes", client.list_processes)
    call("list some processes", client.list_processes, "p", "nope")
    call("list processes by pattern", client.list_processes, "q*")
    call("the kernel is not idle", client.exit_if_idle)
    for info in client.list_processes().values():
        os.kill(int(str(info["pid"])), 9)
    call("remove processes", client.remove_processes, "p", "q", "w")
    call("remove an unknown process", client.remove_processes, "nope")
    while client.list_processes():  # they are there until they have ended
        time.sleep(0.01)


def follow(label: str, watcher: papa.Watcher) -> None:
    """Read to the end."""
    texts = {"out": "", "err": ""}
    shapes = set()
    ends = []
    call(f"{label}: is true", bool, watcher)
    call(f"{label}: has a descriptor", lambda: watcher.fileno() > 2)
    while batch := watcher.read():
        out, err, closed = batch
        for key, records in (("out", out), ("err", err)):
            texts[key] += b"".join(record.data for record in records).decode()
            shapes |= {(*record._fields, type(record.timestamp).__name__) for record in records}
        ends += [[*end._fields, end.name, type(end.timestamp).__name__, end.data] for end in closed]
        watcher.acknowledge()
    RESULTS[f"{label}: output"] = [texts, ends, sorted(shapes)]
    call(f"{label}: exit codes", lambda: watcher.exit_code)
    call(f"{label}: is true at the end", bool, watcher)
    call(f"{label}: reads nothing more", lambda: not any(watcher.read() or ()))
    watcher.close()


def watching(client: papa.Papa) -> None:
    call("watch an unknown process", client.watch_processes, "nope")
    client.make_process("x", "/bin/sh", ["-c", SCRIPT])
    follow("watch", client.watch_processes("x"))
    follow("watch at once", client.make_process("y", "/bin/sh", ["-c", SCRIPT], watch_immediately=True))
    client.make_process("z", "/bin/sh", ["-c", "echo one; exec sleep 100"])
    with client.watch_processes("z*") as watcher:
        batch = watcher.read()
        RESULTS["a with statement reads"] = [record.data.decode() for record in batch[0]]
        call("the client works beside its watcher", client.get, "a")
    process = client.list_processes("z")["z"]
    RESULTS["the process is still listed"] = process["running"]
    os.kill(int(str(process["pid"])), 15)
    with client.watch_processes("z") as watcher:
        out, _, ends = watcher.read()
        RESULTS["acknowledged output is not sent again"] = [len(out), [end.data for end in ends]]
    call("the client works after its watcher", client.list_processes)


def main() -> None:
    endpoint, folder = sys.argv[1:]
    client = papa.Papa(int(endpoint) if endpoint.isdigit() else endpoint)
    RESULTS["has a descriptor"] = client.fileno() > 2
    sockets(client, folder)
    values(client)
    processes(client)
    watching(client)
    client.close()
    call("it connects again after close", client.get, "nope")
    with client:
        call("an idle kernel ends", client.exit_if_idle)
    json.dump(RESULTS, sys.stdout)


main()
