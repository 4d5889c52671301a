"""Recognizes what is not meant for a kernel: a browser, TLS or SSH that has found its port.

A web page can make a browser send lines of its choice to any port of the machine that it runs on, behind a request
line and headers. So the connection ends with the first line, before anything is carried out.
"""

import re

# A page may choose the method as well: any word without separators (RFC 9110, section 9.1). What is requested never
# looks like the plain name in "set proto HTTP/1.1".
_HTTP_REQUEST = re.compile(rb"(?i)\S+ (?![\w.-]+ )\S* HTTP/\d")
_BLANKS = b"\t\n\r"


def foreign_start(data: bytes) -> str | None:
    """Return whose the first byte of a connection is, if no command begins with it."""
    first = data[0]
    if first == 0x16:
        return "TLS"
    return "a binary protocol" if first < 0x20 and first not in _BLANKS else None


def foreign_line(line: bytes) -> str | None:
    """Return whose the first line of a connection is, if it is no command: a request line, a header, a greeting."""
    if line.startswith(b"SSH-"):
        return "SSH"
    return "HTTP" if _HTTP_REQUEST.match(line) else foreign_command(line)


def foreign_command(line: bytes) -> str | None:
    """Return whose a line is that is no command, wherever it stands: what no request can do without, as a header."""
    return "HTTP" if line[:5].lower() in (b"host:", b"post ") else None
