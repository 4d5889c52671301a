"""Telnet's own bytes: taken out of what was typed, and answered (RFC 854, 855, 860).

A telnet program may negotiate options at any time; each offer is refused, once, as a program without
options does. A timing mark is granted: after Ctrl-C telnet hides all output until it has come.
"""

IAC = 255
_DONT, _DO, _WONT, _WILL, _SB, _SE = 254, 253, 252, 251, 250, 240
_TIMING_MARK = 6
_REFUSAL = {_DO: _WONT, _WILL: _DONT}


class TelnetFilter:
    """Removes telnet commands from a stream of bytes and collects the answers to them."""

    def __init__(self) -> None:
        self._pending = b""
        self._answers = bytearray()

    def receive(self, data: bytes) -> bytes:
        """Return ``data`` without telnet commands; one that is cut off waits for its rest."""
        if not self._pending and IAC not in data:
            return data
        data = self._pending + data
        self._pending = b""
        clean = bytearray()
        while (start := data.find(IAC)) >= 0:
            clean += data[:start]
            length = _command_length(data[start:])
            if length == 0:
                self._pending = data[start : start + _LONGEST]
                return bytes(clean)
            clean += self._interpret(data[start : start + length])
            data = data[start + length :]
        return bytes(clean + data)

    def _interpret(self, command: bytes) -> bytes:
        """Answer a command if it asks for it, and return the data that it stands for."""
        if len(command) == 3 and command[1] in _REFUSAL:
            granted = command[1] == _DO and command[2] == _TIMING_MARK
            self._answers += bytes((IAC, _WILL if granted else _REFUSAL[command[1]], command[2]))
        return b"\xff" if len(command) == 1 or command[1] == IAC else b""

    def data_to_send(self) -> bytes:
        """Return the answers that the peer has not been sent yet."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers


# A subnegotiation that goes on for longer than this is cut there.
_LONGEST = 1024


def _command_length(data: bytes) -> int:
    """Return the length of the telnet command that ``data`` begins with, 0 where it is cut off."""
    if len(data) < 2:
        return 0
    if data[1] < _SE:
        return 1  # not telnet's: a byte of somebody's text
    if data[1] == _SB:
        end = data.find(bytes((IAC, _SE)), 2)
        return end + 2 if end >= 0 else _LONGEST * (len(data) > _LONGEST)
    if _WILL <= data[1] <= _DONT:
        return 3 * (len(data) >= 3)
    return 2
