"""What the dashboard is started with: the command line, the settings and the terminal, read and checked."""

from dataclasses import dataclass, field

from papa.endpoint import DEFAULT_PORT, DEFAULT_TIMEOUT, EndpointLike
from papa_console.dashboard.colors import Colors
from papa_console.dashboard.files.config import Config


@dataclass(frozen=True, slots=True)
class Options:
    """What ``Console`` is given.

    Args:
        endpoint: where the kernel is.
        timeout: seconds to wait for each reply.
        start: whether a kernel may be started where none listens.
        read_only: whether everything that changes what the kernel holds is taken away.
        config: the settings.
        theme: the colours that were asked for by the command line or the settings; None: as remembered.
        colors: what the terminal can show; ``ansi_color=options.colors.ansi or None`` is for ``App.__init__``.
        demo: whether the kernel is that of the demonstration, which ends with the console.
        still: the time that the clock shows for ever, for pictures that come out the same; None: it goes on.
    """

    endpoint: EndpointLike = DEFAULT_PORT
    timeout: float = DEFAULT_TIMEOUT
    start: bool = False
    read_only: bool = False
    config: Config = field(default_factory=Config)
    theme: str | None = None
    colors: Colors = field(default_factory=Colors)
    demo: bool = False
    still: float | None = None
