"""Telnet's own bytes: taken out of what was typed, and answered (RFC 854, 855, 860, 1184).

A telnet program may negotiate options at any time; each offer is refused, once, as a program without
options does. A timing mark is granted: after Ctrl-C telnet hides all output until it has come.
"""

import re

IAC = 255
_DONT, _DO, _WONT, _WILL = 254, 253, 252, 251
_TIMING_MARK = 6
_REFUSAL = {_DO: _WONT, _WILL: _DONT}
# A subnegotiation that is longer than 1024 bytes is cut.
_COMMAND = (
    rb"(?s)\xff(?:"
    rb"(?P<negotiation>[\xfb-\xfe].)"
    rb"|\xfa(?:.{0,1024}?\xff\xf0|.{1026})"
    rb"|(?P<byte>\xff)"
    rb"|[\xec-\xf9]"
    rb"|(?P<cut>\Z|[\xfb-\xfe]\Z|\xfa.{0,1025}\Z)"
    rb")"
)


class TelnetFilter:
    """Removes telnet commands from a stream of bytes and collects the answers to them.

    A byte 255 that no command follows is kept: it is somebody's text.
    """

    def __init__(self) -> None:
        self.pending = b""  # a command whose rest has yet to arrive
        self._answers = bytearray()

    def receive(self, data: bytes) -> bytes:
        """Return ``data`` without telnet commands; one that is cut off waits for its rest."""
        if not self.pending and IAC not in data:
            return data
        data, self.pending = self.pending + data, b""
        return re.sub(_COMMAND, self._interpret, data)

    def _interpret(self, match: re.Match[bytes]) -> bytes:
        """Answer a command if it asks for it, and return the data that it stands for."""
        if match["cut"] is not None:
            self.pending = match[0]
        elif match["negotiation"]:
            self._answer(*match["negotiation"])
        return match["byte"] or b""

    def _answer(self, verb: int, option: int) -> None:
        if verb in _REFUSAL:
            granted = verb == _DO and option == _TIMING_MARK
            self._answers += bytes((IAC, _WILL if granted else _REFUSAL[verb], option))

    def data_to_send(self) -> bytes:
        """Return the answers that the peer has not been sent yet."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers
