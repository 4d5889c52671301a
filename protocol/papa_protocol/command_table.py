"""THE command table: every command, its arguments, options, description and examples."""

from papa_protocol.commands import Argument, Command, CommandTable, Takes
from papa_protocol.options import (
    Option,
    read_any,
    read_choice,
    read_flag,
    read_limit,
    read_names,
    read_number,
    read_path,
    read_size,
    read_text,
    read_umask,
)

DEFAULT_BACKLOG = 5
DEFAULT_BUFSIZE = 1024 * 1024
SOCKET_TYPES = ("stream", "dgram", "raw", "rdm", "seqpacket")
FAMILIES = ("inet", "inet6", "unix")

_FLAG = ("1", "0")
_SIZE = "a number of bytes, optionally with k, m or g"

SOCKET_OPTIONS = (
    Option("family", "the address family", read_choice(*FAMILIES), "inet, inet6 or unix", "family",
           "unix where path is given, else inet", FAMILIES),
    Option("type", "the type of socket, of those that the platform has", read_choice(*SOCKET_TYPES),
           "one of " + ", ".join(SOCKET_TYPES), "type", "stream", SOCKET_TYPES),
    Option("backlog", "how many connections may wait to be accepted", read_number(0, 2**31 - 1),
           "a number of connections", "backlog", str(DEFAULT_BACKLOG)),
    Option("host", "the address to bind", read_text, "an address or a name in /etc/hosts", "host",
           "127.0.0.1 (::1); 0.0.0.0 (::) where interface is given"),
    Option("port", "the port to bind; 0 lets the system choose one", read_number(0, 65535),
           "a number from 0 to 65535", "port", "0"),
    Option("path", "the path to bind, for family=unix", read_path, "an absolute path", "path"),
    Option("umask", "the file mode mask while a path is bound", read_umask,
           "an octal mask such as 077 or 0o77, or a decimal one such as 63", "umask", "the kernel's own"),
    Option("interface", "the one network interface to bind to", read_text, "the name of an interface", "interface"),
    Option("reuseport", "give each process a socket of its own on the same port", read_flag, "1 or 0",
           "reuseport", "0", _FLAG),
)  # fmt: skip

PROCESS_OPTIONS = (
    Option("uid", "the user to run as, with that user's groups", read_text, "a user's name or number", "uid",
           "the kernel's own"),
    Option("gid", "the group to run as", read_text, "a group's name or number", "gid",
           "the user's, else the kernel's own"),
    Option("working_dir", "the directory to run in", read_path, "an absolute path", "working_dir",
           "the kernel's own"),
    Option("bufsize", "how much output is kept until it is acknowledged; 0 records nothing", read_size,
           _SIZE, "bufsize", "1m"),
    Option("output", "another name for bufsize", read_size, _SIZE, "bufsize", "1m", alias_of="bufsize"),
    Option("stdout", "capture standard output, or discard it", read_flag, "1 or 0", "stdout", "1", _FLAG),
    Option("stderr", "capture standard error, discard it, or send it where stdout goes",
           read_choice("1", "0", "stdout"), "1, 0 or stdout", "stderr", "1", ("1", "0", "stdout")),
    Option("shell", "run the words as one line of /bin/sh", read_flag, "1 or 0", "shell", "0", _FLAG),
    Option("watch", "watch the process in the same round trip", read_flag, "1 or 0", "watch", "0", _FLAG),
    Option("linger", "when to report the end: at the exit, or at the end of file, once nothing holds its output open",
           read_choice("exit", "eof"), "exit or eof", "linger", "exit", ("exit", "eof")),
    Option("listen", "pass on sockets as systemd does, from descriptor 3 on in this order", read_names,
           "names of sockets with commas between them, each once, in ASCII without colons", "listen"),
    Option("env.", "set an environment variable; the process gets these and no others", read_any, "any text", "env"),
    Option("rlimit.", "set a resource limit", read_limit,
           "a number (k, m or g may follow), SOFT:HARD or unlimited", "rlimits", "the kernel's own at its start"),
)  # fmt: skip

UPTO_OPTION = Option("upto", "the position up to which output has been seen", read_number(0, 2**63 - 1),
                     "a position, as tail shows it", "upto")  # fmt: skip

_FINAL_STAR = "A final * stands for everything that begins with what is before it."
_SOCKETS = Argument("NAME|PATTERN|FILENO", Takes.SOCKET, optional=True, repeated=True)
_PROCESSES = Argument("NAME|PATTERN|PID", Takes.PROCESS, optional=True, repeated=True)
_THESE_PROCESSES = Argument("NAME|PATTERN|PID", Takes.PROCESS, repeated=True)
_VALUES = Argument("NAME|PATTERN", Takes.VALUE, optional=True, repeated=True)
_NEW = Argument("NAME", Takes.NEW_NAME)
_OPTIONS = Argument("OPTION=VALUE", Takes.OPTION, optional=True, repeated=True)

COMMANDS = CommandTable(
    (
        Command(
            ("make", "socket"),
            "Create and hold a socket for processes to use",
            (_NEW, _OPTIONS),
            SOCKET_OPTIONS,
            (
                "The socket is bound, and listening if its type can, before the reply. Making it again with the "
                "same options returns the same socket. A process gets it by naming it in an argument: "
                "$(socket.NAME.fileno) or $(socket.NAME.port).",
            ),
            (
                "make socket web port=8080 backlog=128",
                "make socket app path=/run/app.sock umask=077",
                "make socket api family=inet6 reuseport=1",
            ),
        ),
        Command(
            ("list", "sockets"),
            "List sockets by name or file number",
            (_SOCKETS,),
            details=(
                f"Without a word, all. {_FINAL_STAR} Each row shows the name and the options that hold; port is the "
                "one that the system chose where none was asked for, fileno the number of the descriptor that a "
                "process inherits.",
            ),
            examples=("list sockets", "list sockets web.*", "list sockets 7"),
            reads_only=True,
        ),
        Command(
            ("remove", "sockets"),
            "Close sockets by name or file number",
            (Argument("NAME|PATTERN|FILENO", Takes.SOCKET, repeated=True),),
            details=(
                f"{_FINAL_STAR} A lone * removes all. Processes that already have the socket keep it; the path of "
                "a Unix socket is unlinked.",
            ),
            examples=("remove sockets web", "remove sockets 7 staging.*"),
        ),
        Command(
            ("make", "process"),
            "Start and hold a process",
            (
                _NEW,
                _OPTIONS,
                Argument("EXECUTABLE", Takes.EXECUTABLE),
                Argument("ARG", Takes.PROGRAM_ARGUMENT, optional=True, repeated=True),
            ),
            PROCESS_OPTIONS,
            (
                "Options end at the first word without =, or with / or a space before it. A backslash keeps a space in "
                "a word; quotes have no meaning. The reply comes once the program has been started. Making it again "
                "with the same words returns the same process.",
                "Both output streams are kept, up to bufsize, until a watcher acknowledges them. Standard input is "
                "/dev/null. The environment holds what env. options set and nothing else. An executable without / is "
                "looked up in the PATH passed, else in /bin:/usr/bin.",
                "$(socket.NAME.fileno) and $(socket.NAME.port) in arguments and env. values become the numbers of a "
                "held socket; the process inherits the sockets that are named, and no others.",
                "listen= is for programs that know socket activation, sd_listen_fds(3): they find the sockets at "
                "descriptors 3, 4 and so on, and LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES in their environment. "
                "A line of shell=1 has to begin with exec.",
            ),
            (
                "make process clock env.TZ=UTC bufsize=64k /bin/sh -c while\\ date;do\\ sleep\\ 1;done",
                "make process web uid=www-data working_dir=/srv/web /usr/bin/gunicorn --bind "
                "fd://$(socket.web.fileno) app:app",
                "make process api listen=web,admin /srv/api/serve",
                "make process job stderr=stdout rlimit.nofile=1024 rlimit.as=2g /srv/job/run",
            ),
        ),
        Command(
            ("list", "processes"),
            "List processes by name or PID",
            (_PROCESSES,),
            details=(
                f"Without a word, all. {_FINAL_STAR} Each row shows pid, running, started (seconds since 1970), uid, "
                "gid and shell where set, status once it has ended (negative for a signal), bufsize, buffered and "
                "dropped (bytes), position (where the output ends), watchers where there are any, and args last; "
                "in dialect 2 also working_dir, linger, listen, stdout and stderr where they were chosen.",
            ),
            examples=("list processes", "list processes web.*", "list processes 3698"),
            reads_only=True,
        ),
        Command(
            ("remove", "processes"),
            "Forget processes by name or PID; they keep running",
            (_THESE_PROCESSES,),
            details=(
                f"{_FINAL_STAR} A lone * removes all. What a removed process wrote and writes is discarded, and it "
                "leaves the list when it exits, at once if it has. Making it again with the same words takes it back.",
            ),
            examples=("remove processes web", "remove processes 3698 batch.*"),
        ),
        Command(
            ("watch", "processes"),
            "Receive the output of processes and consume it",
            (_PROCESSES,),
            details=(
                "Output comes in batches that end in the prompt ']'. An empty line (or any but q) acknowledges the "
                "batch: the kernel forgets it and sends the next. q acknowledges it and stops; with no batch "
                "outstanding q just stops. Output that nobody acknowledged is sent again to the next watcher. A "
                "process whose end is acknowledged leaves the list. To look without consuming, use tail.",
                "A record is a line out:NAME:TIME:LENGTH or err:NAME:TIME:LENGTH, LENGTH bytes of output and a line "
                "end; or a line closed:NAME:TIME:STATUS for the end, negative for a signal. TIME is in seconds since "
                "1970.",
                f"Without a word, all. {_FINAL_STAR} Processes made later that a pattern stands for are watched too.",
            ),
            examples=("watch processes 3698", "watch processes web.*"),
        ),
        Command(
            ("tail", "processes"),
            "Receive the output of processes without consuming it",
            (_THESE_PROCESSES,),
            details=(
                "Output comes from what is buffered onward, and goes on as it is written; ']' ends a batch, and the "
                "next comes without being asked for. Any line ends the tail. Any number of tails and watchers may "
                "look at the same process.",
                "Records are those of watch with :POSITION at the end of their line, the count of output up to "
                "which they go. A line lost:NAME:TIME:BYTES:POSITION tells how much had to be dropped.",
                _FINAL_STAR,
            ),
            examples=("tail processes web", "tail processes web.* worker"),
            reads_only=True,
            since=2,
        ),
        Command(
            ("acknowledge", "processes"),
            "Release the output of a process up to a position",
            (Argument("NAME|PID", Takes.PROCESS), Argument("upto=POSITION", Takes.OPTION)),
            (UPTO_OPTION,),
            (
                "The kernel forgets the output up to the position, whoever else reads it. Positions come with tail. "
                "Acknowledging the end of a process that has exited removes it from the list.",
            ),
            ("acknowledge processes web upto=48213",),
            since=2,
        ),
        Command(
            ("set",),
            "Set a value, or clear it",
            (
                Argument("NAME", Takes.VALUE),
                Argument("VALUE", Takes.TEXT, optional=True, repeated=True),
            ),
            details=(
                "Without a value the name is forgotten. Several words are joined by one space. In dialect 2 "
                '"" is the empty value.',
            ),
            examples=("set deploy.rev 8f31c2a", "set motd two words", "set deploy.rev"),
        ),
        Command(
            ("get",),
            "Get a value",
            (Argument("NAME", Takes.VALUE),),
            details=('The reply is empty where the name has no value. In dialect 2 "" is the empty value.',),
            examples=("get deploy.rev",),
            reads_only=True,
        ),
        Command(
            ("list", "values"),
            "List values by name",
            (_VALUES,),
            details=(f"Without a word, all. {_FINAL_STAR} Each row is a name and its value.",),
            examples=("list values", "list values deploy.*"),
            reads_only=True,
        ),
        Command(
            ("remove", "values"),
            "Forget values by name",
            (Argument("NAME|PATTERN", Takes.VALUE, repeated=True),),
            details=(f"{_FINAL_STAR} All values cannot be removed at once.",),
            examples=("remove values deploy.rev", "remove values deploy.*"),
        ),
        Command(
            ("info",),
            "Show the kernel's version, pid, uptime, endpoints, counts and bytes held",
            details=(
                "started is in seconds since 1970, uptime in seconds; buffered and dropped count bytes of output. "
                "position sums up where the output of each process ends, and changes grows with every other change "
                "of a list: as long as these four stay the same, so do all lists.",
            ),
            examples=("info",),
            reads_only=True,
            since=2,
        ),
        Command(
            ("protocol",),
            "Choose the dialect of this connection",
            (Argument("1|2", Takes.NUMBER),),
            details=(
                "1 is papa 1.0's. In 2, words are escaped both ways: backslash-space, \\\\, \\n, \\r, \\t, \\xHH and "
                '"" for an empty word, so that every text arrives unchanged; records carry their positions and '
                "dropped output is reported.",
            ),
            examples=("protocol 2",),
            since=2,
        ),
        Command(
            ("upgrade",),
            "Replace the running kernel by the installed code; everything stays",
            details=(
                "Sockets, values, processes, their output, connections and whatever they watch go on where they were. "
                "Installed code that cannot take over leaves the running kernel as it is. SIGHUP does the same.",
            ),
            examples=("upgrade",),
            since=2,
        ),
        Command(
            ("help",),
            "Explain a command",
            (Argument("WORD", Takes.COMMAND_WORD, optional=True, repeated=True),),
            details=("One word that several commands share, such as process, lists them.",),
            examples=("help", "help make process", "help process", "h l p"),
            reads_only=True,
        ),
        Command(("quit",), "Close this connection", examples=("quit",)),
        Command(
            ("exit-if-idle",),
            "End the kernel if it holds nothing",
            details=(
                "With no socket, value or process held, the kernel ends when the last connection closes, unless "
                "something was added meanwhile; else the reply is 'not idle'. Must be typed in full.",
            ),
            examples=("exit-if-idle",),
            in_full_only=True,
        ),
    )
)
