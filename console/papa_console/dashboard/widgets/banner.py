"""The line under the header that says what is wrong with the connection, and what is being done about it."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from papa_console.dashboard.held.snapshot import Connection, KernelState
from papa_console.text import clean_line, clock, duration, width

_AROUND = 4  # columns beside the sentence: padding, sign and blank


def sentence(kernel: KernelState, now: float) -> str:
    """Return what there is to say about a connection, nothing where it is up."""
    endpoint = clean_line(kernel.endpoint)
    reason = clean_line(kernel.reason)
    match kernel.connection:
        case Connection.UP:
            return ""
        case Connection.CONNECTING:
            waited = now - kernel.since
            since = f" ({duration(waited)})" if waited >= 2 else ""
            return f"connecting to {endpoint} …{since}" + (f": {reason}; {_retry(kernel, now)}" if reason else "")
        case Connection.LOST:
            return f"lost the kernel: {reason}; shown as of {clock(kernel.since)}; {_retry(kernel, now)}"
        case Connection.ABSENT:
            starts = f"'{clean_line(kernel.starter)}' starts one, and so does enter"
            return f"no kernel listens at {endpoint}; {starts}; {_retry(kernel, now)}"
        case Connection.REFUSED:
            return f"{endpoint} refused: {reason}; {_retry(kernel, now)}"


def _retry(kernel: KernelState, now: float) -> str:
    left = (kernel.retry_at or now) - now
    return f"trying again in {max(left, 0):.0f} s (^r now)" if left >= 1 else "trying again (^r now)"


class Banner(Widget):
    """The line, or two where it is long; it takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    Banner {
        height: 1; padding: 0 1; background: $error-muted; color: $text; text-style: bold; display: none;
        &.-shown { display: block; }
        &.-connecting { background: $warning-muted; }
    }
    """
    text: reactive[str] = reactive("")

    def show(self, kernel: KernelState, now: float) -> None:
        """Say how a connection is."""
        self.text = sentence(kernel, now)
        self.styles.height = 1 if width(self.text) + _AROUND <= self.screen.size.width else 2
        self.set_class(kernel.connection is Connection.CONNECTING, "-connecting")

    def watch_text(self, text: str) -> None:
        """Show or hide the line."""
        self.set_class(bool(text), "-shown")

    def render(self) -> Text:
        """Draw the line."""
        sign = "◌" if "-connecting" in self.classes else "✗"
        return Text(f"{sign} {self.text}")
