"""The programs of the living demonstration; each is one function, run by ``python programs.py NAME [ARGUMENT…]``.

They need nothing but the standard library, say the same in every run, and end by themselves once their kernel is gone.
"""

import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator

# A kernel that ends goes on reading what its processes write, so only their parent tells that it has gone.
_KERNEL = int(os.environ.get("KERNEL", "0"))
_DIM, _RED, _GREEN, _YELLOW, _BLUE, _CYAN, _BOLD, _OFF = (
    f"\x1b[{code}m" for code in ("2", "31", "32", "33", "34", "36", "1", "0")
)
_PEOPLE = ("ada", "grace", "linus", "margaret", "dennis", "barbara", "søren", "łucja")
_PATHS = ("/", "/basket", "/search?q=lamp", "/item/4711", "/item/815", "/login", "/static/app.css")


def out(text: str) -> None:
    """Say something on standard output."""
    print(text, flush=True)


def err(text: str) -> None:
    """Say something on standard error."""
    print(text, file=sys.stderr, flush=True)


def dice_of(seed: str) -> random.Random:
    """Return what decides by chance, the same in every run."""
    return random.Random(seed)  # noqa: S311 - no secret depends on it


def turns(seconds: float) -> Iterator[int]:
    """Yield 0, 1, 2 … with pauses, for as long as the kernel is there."""
    number = 0
    while os.getppid() == _KERNEL:
        yield number
        number += 1
        time.sleep(seconds)


def web(fileno: str, generation: str) -> None:
    """Serve HTTP on a socket that another generation may hold as well; retire at SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    dice = dice_of(generation)
    listener = socket.socket(fileno=int(fileno))
    listener.settimeout(0.5)
    out(f"INFO  generation {generation} accepts on port {listener.getsockname()[1]}")
    while os.getppid() == _KERNEL:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(2)
            _answer(connection, generation, dice)


def _answer(connection: socket.socket, generation: str, dice: random.Random) -> None:
    try:
        request = connection.recv(4096).split(b"\r\n", 1)[0].decode("latin-1")
        took = int(dice.lognormvariate(2.3, 0.6))
        status = "404 Not Found" if dice.random() < 0.03 else "200 OK"
        body = f"generation {generation} says hello\n"
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    except OSError:
        return
    out(f'INFO  "{request}" {status[:3]} {took} ms')
    if took > 30:
        err(f"WARN  slow answer to {request.split(' ')[1]}: {took} ms")


def probe(port: str) -> None:
    """Ask the web server all the time, gently, and tell how that went."""
    dice = dice_of("probe")
    failed = 0
    out(f"INFO  asking port {port}")
    for asked in turns(0.12):
        try:
            with socket.create_connection(("127.0.0.1", int(port)), 2) as connection:
                connection.sendall(f"GET {dice.choice(_PATHS)} HTTP/1.1\r\nHost: demo\r\n\r\n".encode())
                failed += not connection.recv(4096).startswith(b"HTTP/1.1")
        except OSError:
            failed += 1
        if asked % 40 == 39:
            out(f"INFO  {asked + 1} requests, {failed} failed")


def mail() -> None:
    """Log in colours, with every level there is."""
    dice = dice_of("mail")
    for number in turns(0.35):
        who = dice.choice(_PEOPLE)
        chance = dice.random()
        if chance < 0.62:
            level, text = f"{_GREEN}INFO {_OFF}", f"sent receipt {4000 + number} to {_CYAN}{who}@example.org{_OFF}"
        elif chance < 0.84:
            level, text = f"{_BLUE}DEBUG{_OFF}", f"{_DIM}queue depth {dice.randint(0, 40)}, 3 connections open{_OFF}"
        elif chance < 0.95:
            level, text = f"{_YELLOW}WARN {_OFF}", f"mx2.example.org is slow ({dice.randint(800, 2900)} ms), will retry"
        else:
            level, text = f"{_RED}{_BOLD}ERROR{_OFF}", f"{_RED}550 mailbox of {who} unavailable{_OFF}"
        (err if "ERROR" in level else out)(f"{level} {text}")


def thumbs() -> None:
    """Tell of pictures, with progress that overwrites itself, and now and then a fault."""
    dice = dice_of("thumbs")
    for number in turns(0.9):
        name = f"IMG_{2000 + number}.jpg"
        for percent in (25, 50, 75, 100):
            sys.stdout.write(f"\r{name} {percent:3} %")
        out(f"\r{name} {dice.randint(640, 4000)}×{dice.randint(480, 3000)} → 3 sizes")
        if number % 9 == 8:
            err(f"PIL.UnidentifiedImageError: cannot identify image file '{name}'")


def ingest() -> None:
    """Write a few hundred lines a second."""
    dice = dice_of("ingest")
    for number in turns(0.05):
        lines = []
        for index in range(15):
            key = "".join(dice.choices("abcdef0123456789", k=12))
            lines.append(
                f"offset={number * 15 + index} partition={dice.randint(0, 7)} key={key} bytes={dice.randint(80, 4000)}"
            )
        out("\n".join(lines))


def audit() -> None:
    """Fill a small buffer that nobody reads, so that it will lose output before long."""
    dice = dice_of("audit")
    for number in turns(0.1):
        event = {"event": dice.choice(("login", "logout", "grant", "revoke")), "who": dice.choice(_PEOPLE), "n": number}
        out(json.dumps(event, ensure_ascii=False) + " " + "·" * 40)


def nightly() -> None:
    """Crash half-way, as a job does whose input is not what it was."""
    out("INFO  nightly report for 2 shops")
    time.sleep(0.3)
    out("INFO  shop berlin: 1,204 orders")
    err(
        "Traceback (most recent call last):\n"
        '  File "/srv/shop/nightly.py", line 88, in <module>\n'
        "    main()\n"
        '  File "/srv/shop/nightly.py", line 41, in main\n'
        "    total = sum(order['amount'] for order in orders(shop))\n"
        "KeyError: 'amount'"
    )
    sys.exit(3)


def backup() -> None:
    """Do what is to be done, and end well."""
    for number in range(1, 4):
        out(f"INFO  wrote part {number} of 3")
    out("INFO  done, 48.2 MB")


def legacy() -> None:
    """End by a signal."""
    out("legacy importer 0.9 (deprecated)")
    out("reading /srv/import/2019.dat")
    time.sleep(0.3)
    err("malloc(): corrupted top size")
    os.kill(os.getpid(), signal.SIGKILL)


def quiet(*_held: str) -> None:
    """Say that all is well, once, and nothing more."""
    out("ready")
    for _ in turns(0.5):
        continue


PROGRAMS: dict[str, Callable[..., None]] = {
    function.__name__: function
    for function in (web, probe, mail, thumbs, ingest, audit, nightly, backup, legacy, quiet)
}


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        PROGRAMS[sys.argv[1]](*sys.argv[2:])
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # nobody listens any more
