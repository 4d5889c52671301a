"""Names of typing that the kernel and the protocol use, without typing, which would take a tenth of the kernel's start.

Type checkers see typing's own. When the code runs they stand for nothing, but that NamedTuple makes the same classes.
"""

from collections import namedtuple

__all__ = ["Any", "BinaryIO", "NamedTuple", "NoReturn", "Protocol", "Self", "TypeVar", "TypedDict"]

TYPE_CHECKING = False  # type checkers take a variable of this name for true
if TYPE_CHECKING:
    from typing import Any, BinaryIO, NamedTuple, NoReturn, Protocol, Self, TypedDict, TypeVar
else:
    Any = BinaryIO = NoReturn = Self = object

    def TypeVar(_name):  # noqa: N802 - as in typing
        """Return what stands for any type."""
        return object

    class Protocol:
        """What describes a class by its methods."""

    class TypedDict(dict):
        """A dictionary of which checkers know the keys."""

        def __init_subclass__(cls, *, total=True):
            """Take what checkers want to know."""

    class _NamedTupleMaker(type):
        def __new__(cls, name, bases, namespace):
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = super().__new__(cls, name, bases, dict(namespace)).__annotations__
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])  # noqa: PYI024
            for key, value in namespace.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_NamedTupleMaker):
        """The base of a tuple whose fields have names, by its annotations."""
