"""What pictures of the console show: a small shop, the same in every run."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual._context import visible_screen_stack
from textual.dom import DOMNode
from textual.events import Key
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot
from textual.screen import Screen

from papa_console.dashboard.app import Console
from papa_console.dashboard.colors import Colors
from papa_console.dashboard.files.state import State
from papa_console.dashboard.held.snapshot import Connection, KernelState
from papa_console.dashboard.held.vitals import Vital, Vitals
from papa_console.dashboard.options import Options
from papa_protocol.model import ProcessInfo, SocketInfo
from support.still import NOW, StillLink, process
from support.wire import TIMEOUT

_TURNS_OF_THE_LOOP = 20
_BIN = "/srv/shop/bin"
_CHARACTERS = {"slash": "/", "plus": "+", "colon": ":", "space": " ", "question_mark": "?", "exclamation_mark": "!"}


def processes() -> dict[str, ProcessInfo]:
    """Return the shop's processes."""
    return {
        "web.1": process(4211, 86_400, f"{_BIN}/web --fd $(socket.web.fileno)", buffered=340, position=480_212),
        "web.2": process(4212, 7_265, f"{_BIN}/web --fd $(socket.web.fileno)", buffered=2_210, position=96_100),
        "worker.mail": process(4220, 7_200, f"{_BIN}/mail --queue orders", buffered=640, position=20_640),
        "worker.thumbs": process(4221, 3_600, f"{_BIN}/thumbs", buffered=0, position=9_000, watchers=1),
        "ingest": process(
            4230, 600, f"{_BIN}/ingest", bufsize=65_536, buffered=58_000, dropped=12_300, position=900_300
        ),
        "cron.nightly": process(4240, 9_000, f"{_BIN}/nightly", buffered=120, position=121, status=3),
        "cron.backup": process(4241, 9_300, f"{_BIN}/backup", buffered=64, position=65, status=0),
        "worker.legacy": process(4250, 4_000, f"{_BIN}/legacy", buffered=0, position=1, status=-9),
        "quiet": process(4260, 120, "/bin/sleep 1000"),
    }


def sockets() -> dict[str, SocketInfo]:
    """Return the shop's sockets."""
    return {
        "web": {"family": "inet", "type": "stream", "backlog": 512, "host": "127.0.0.1", "port": 8080, "fileno": 14},
        "admin": {
            "family": "unix", "type": "stream", "backlog": 5, "path": "/run/shop/admin.sock", "umask": 0o77,
            "fileno": 15,
        },
        "statsd": {
            "family": "inet", "type": "dgram", "backlog": 5, "host": "127.0.0.1", "port": 8125, "reuseport": True,
        },
    }  # fmt: skip


def values() -> dict[str, str]:
    """Return the shop's values."""
    return {
        "config.web": '{"workers": 4, "timeout": 30, "features": ["basket", "search"]}',
        "deploy.generation": "2",
        "deploy.revision": "8f31c2a",
        "motd": "Winter sale: −20 % on lamps",
    }


def talk(link: StillLink) -> None:
    """Let the processes have written something."""
    link.write(
        "web.1",
        *((120 - 3 * n, "out", f"10.0.0.{n % 7} GET /item/{n} 200 {11 + n % 5} ms\n") for n in range(30)),
        (20, "err", "warning: pool is at 90 %\n"),
        (12, "out", "\x1b[32mINFO\x1b[0m reloaded \x1b[1mconfig.web\x1b[0m in \x1b[36m12 ms\x1b[0m\n"),
        (11, "err", "ERROR request 180 timed out after 30 s\n"),
        (9, "out", "10.0.0.3 GET /timeout-test 504 30001 ms\n"),
        (2, "out", "10.0.0.4 GET /item/31 200 14 ms\n"),
    )
    link.write(
        "web.2",
        (14, "out", "10.0.0.9 GET /basket 200 9 ms\n"),
        (11.5, "err", "ERROR upstream closed the connection\n"),
        (3, "out", "10.0.0.8 GET /basket 200 8 ms\n"),
    )
    link.write(
        "ingest",
        (30, "out", "batch 17: 4096 rows\n"),
        (20, "lost", "12300"),
        (8, "out", "batch 31: 4096 rows\n"),
    )
    link.write(
        "cron.nightly",
        (9000, "out", "nightly run begins\n"),
        (8990, "err", "Traceback (most recent call last):\n"),
        (8990, "err", '  File "nightly.py", line 12, in <module>\n'),
        (8990, "err", "KeyError: 'orders'\n"),
        (8989, "closed", "3"),
    )


def shop() -> StillLink:
    """Return a kernel that holds the shop."""
    link = StillLink(processes(), sockets(), values())
    history = link.history
    for second in range(60):
        history.add({name: _earlier(row, 60 - second) for name, row in processes().items()}, NOW - 60 + second)
    history.add(link.snapshot.processes, NOW)
    history.add_values(link.snapshot.values, NOW - 300)
    talk(link)
    return link


def _earlier(row: ProcessInfo, seconds: int) -> ProcessInfo:
    """Return a row as it was some seconds ago, had it written evenly with a wave in it."""
    if not row.get("running"):
        return row
    written = sum(row["position"] // 400 * (1 + (row["pid"] + second) % 4) // 4 for second in range(seconds))
    position = max(row["position"] - written, 0)
    return {**row, "position": position, "buffered": min(row["buffered"], position), "dropped": row["dropped"] // 2}


def lost() -> StillLink:
    """Return a link to the shop's kernel that has just been lost."""
    link = shop()
    state = KernelState(
        "/run/papa.sock", Connection.LOST, "the kernel closed the connection", since=NOW - 4, retry_at=NOW + 2,
        info=link.snapshot.kernel.info, epoch=1,
    )  # fmt: skip
    link.snapshot = replace(link.snapshot, kernel=state)
    return link


def empty() -> StillLink:
    """Return a kernel that holds nothing."""
    return StillLink()


def absent() -> StillLink:
    """Return an endpoint at which no kernel listens."""
    state = KernelState("/run/papa.sock", Connection.ABSENT, "No kernel listens at /run/papa.sock", since=NOW - 4)
    return StillLink(kernel=state)


def refused() -> StillLink:
    """Return an endpoint of somebody else's."""
    why = "permission denied: it belongs to another user; run papa-console as that user"
    return StillLink(kernel=KernelState("/run/papa.sock", Connection.REFUSED, why, since=NOW - 4, retry_at=NOW + 5))


def vitals() -> Vitals:
    """Return what the shop's processes use."""
    measured = Vitals()
    cpu = {"web.1": 3.2, "web.2": 2.9, "worker.mail": 0.4, "worker.thumbs": 41.0, "ingest": 88.0, "quiet": 0.0}
    measured.readings = {
        name: Vital(percent, 30_000_000 + 9_000_000 * number) for number, (name, percent) in enumerate(cpu.items())
    }
    return measured


def still_console(link: StillLink, colors: Colors | None = None, theme: str | None = None) -> Console:
    """Return a console whose clock stands still."""
    options = Options(endpoint="/run/papa.sock", still=NOW, colors=colors or Colors(), theme=theme)
    return Console(options, link=link, state=State(), vitals=vitals())


def _is_pending(screen: Screen[object]) -> bool:
    """Whether a screen has something to lay out or to paint; the one below all others never has a turn to do so."""
    flags = (screen._layout_required, screen._dirty_widgets, screen._compositor._dirty_regions)
    return screen.id != "_default" and any(flags)


def _is_busy(node: DOMNode) -> bool:
    """Whether a part of a screen has yet to be mounted, or to take a message."""
    return not all((node._mounted_event.is_set(), node._message_queue.empty()))


def _frame(app: Console) -> str:
    if app._keys._waiting or app._keys._passing or any(map(_is_pending, app.screen_stack)):
        return ""
    if any(_is_busy(node) for screen in app.screen_stack[1:] for node in screen.walk_children(with_self=True)):
        return ""
    visible_screen_stack.set(app._background_screens)  # else what is not painted yet would be, with nothing behind it
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def settle(app: Console) -> None:
    """Return once several turns of the screen have drawn nothing new, on it and on what is below.

    In each of them the tasks of all its parts have had many turns of the loop: on a busy machine one takes long.
    """
    assert isinstance(app.session.link, StillLink)
    before, calm = "", 0
    while calm < 6:
        turns = app.session.link.turns
        while app.session.link.turns == turns:
            if not app.is_running:  # it has left, and there is nothing more to see
                return
            await asyncio.sleep(0.01)
        for _ in range(_TURNS_OF_THE_LOOP):
            await asyncio.sleep(0)
        frame = _frame(app)
        if frame:
            before, calm = frame, calm + 1 if frame == before else 0


def press(app: Console, key: str) -> None:
    """Press a key as a terminal does; a Pilot would wait for an idle processor, and the screen's clock never is."""
    if len(key) == 1:
        app.post_message(Key(_character_to_key(key), key))
    else:
        app.post_message(Key(key, _CHARACTERS.get(key) or key_to_character(key)))


async def play(pilot: Pilot[int], keys: Sequence[str]) -> None:
    """Press keys, each when the screen shows all that came before; a text is typed in one go."""
    assert isinstance(pilot.app, Console)
    await settle(pilot.app)
    for number, key in enumerate(keys):
        press(pilot.app, key)
        typed_on = number + 1 < len(keys) and len(key) == len(keys[number + 1]) == 1
        if not typed_on:
            await settle(pilot.app)


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Wait until something is so and the screen shows it."""
    assert isinstance(pilot.app, Console)
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            await asyncio.sleep(0.01)
    await settle(pilot.app)


__all__ = ["absent", "empty", "lost", "play", "refused", "settle", "shop", "still_console", "until"]
