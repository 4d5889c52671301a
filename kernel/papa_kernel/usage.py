"""What ``papa --help`` says besides the options; the manual page is made from the same tables."""

EXIT_IN_USE = 3

SUMMARY = "hold sockets, values and processes while managers come and go"
ABOUT = "A process kernel: it holds sockets, named values and processes while managers come and go."
EXAMPLES = (
    ("papa", "listen on port 20202 of 127.0.0.1, in the foreground"),
    ("papa -u /run/user/1000/papa --daemonize", "listen on a path, in the background"),
    ("papa -p 0", "listen on any free port, and say which"),
    ("papa --allow-group deploy", "let a group in as well as the own user and root"),
    ("papa --max-processes 500 --max-buffered 2g", "bound what is held"),
    ("papa-repl info", "ask the running kernel what it holds"),
)
STATUSES = (
    ("0", "it was asked to end (SIGTERM, SIGINT, SIGQUIT, exit-if-idle); its processes go on"),
    ("1", "it cannot listen there, open the log, or go on with what the last kernel left"),
    ("2", "wrong arguments"),
    (str(EXIT_IN_USE), "another kernel or program listens on the endpoint"),
)
SIGNALS = (
    ("SIGTERM, SIGINT, SIGQUIT", "end: paths are unlinked, sockets are closed, processes go on"),
    ("SIGHUP", "go on as the installed version, with everything that is held"),
)
ENVIRONMENT = (
    ("LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES", "sockets that a service manager passes become endpoints"),
    ("NOTIFY_SOCKET", "where to tell a service manager that papa serves, and where it listens"),
    ("WATCHDOG_USEC", "how often a service manager wants to hear of papa"),
    ("FDSTORE", "how many descriptors a service manager keeps for the next kernel"),
)


def _rows(title: str, rows: tuple[tuple[str, str], ...]) -> str:
    wide = max(len(left) for left, _ in rows) + 2
    return "\n".join([f"{title}:", *(f"  {left:<{wide}}{right}" for left, right in rows)])


def epilog() -> str:
    """Return what follows the options: examples, signals, variables and exit statuses."""
    tables = (("Examples", EXAMPLES), ("Signals", SIGNALS), ("Environment", ENVIRONMENT), ("Exit status", STATUSES))
    return "\n\n".join(_rows(title, rows) for title, rows in tables)
