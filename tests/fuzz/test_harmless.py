"""What must never be sent by chance is not, in whichever dialect and however it is written."""

import pytest

from fuzz.harmless import Censor, Guard

GUARD = Guard("/tmp/sockets", 4321)


@pytest.mark.parametrize(
    "line",
    [
        b"make process a /bin/rm -r /",
        b"M P a rm",
        b"m p a shell=1 echo x>/etc/x",
        b"m p a SHELL=1 true; reboot",
        b"m p a uid=0 /bin/true\\ x",
        b"\\x6dake process a /sbin/reboot",
        b"m\\x61ke process a /sbin/reboot",
        b"m p canary /bin/true",
        b"m p can* /bin/true",
        b"m s a path=/etc/passwd",
        b"m s a path=/tmp/sockets/../x",
        b"m s a port=22",
        b"m s a interface=lo",
        b"m s a host=0.0.0.0",
        b"watch processes",
        b"w p c*",
        b"remove processes *",
        b"r p a 4321",
        b"r p 004321",
        b"acknowledge processes canary upto=1",
        b"upgrade",
        b"u",
        b"make process a /bin/rm\r",
    ],
)
def test_what_could_do_harm_is_withheld(line: bytes) -> None:
    assert not GUARD.allows(line)


@pytest.mark.parametrize(
    "line",
    [
        b"make process a /bin/true x",
        b"m p a shell=1 exit 3",
        b"m p a bufsize=x rm",
        b"m s a path=/tmp/sockets/a",
        b"m s a",
        b"r p a b*",
        b"w p a",
        b"tail processes *",
        b"set canary x",
        b"remove sockets *",
        b"rm -rf /",
        b"\xff\0",
        b"",
    ],
)
def test_what_does_none_may_be_sent(line: bytes) -> None:
    assert GUARD.allows(line)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"make process a", b" /bin/rm -r /\n"],
        [b"make process a /bin/r", b"m\n"],
        [b"make proc\xff\xf1ess a /sbin/reboot\n"],
        [b"make process a\xff\xfd\n /sbin/reboot\n"],
        [b"get a\nmake process a /sbin/reboot"],
        [b"get a\n", b"make process a /bin/tr"],
    ],
)
def test_the_censor_sees_lines_as_the_kernel_does(pieces: list[bytes]) -> None:
    censor = Censor(GUARD)

    assert not all(censor.passes(piece) for piece in pieces)


def test_what_follows_a_piece_that_was_withheld_may_be_sent_where_it_is_clear_what_the_kernel_has() -> None:
    censor = Censor(GUARD)

    passed = [censor.passes(piece) for piece in (b"get a\n", b"make process a /bin/rm\n", b"get b\n")]

    assert passed == [True, False, True]
    assert not censor.passes(b"\xff\xf1make process a /bin/rm\n")
    assert not censor.passes(b"get c\n")
