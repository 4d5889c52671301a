"""The reference of the Python API: every public name is on the page, and says what it is for."""

import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import papa
import papa.aio
import papa.logs
import papa.testing
from support.kernels import REPOSITORY

MODULES = [papa, papa.aio, papa.logs, papa.testing]
PAGE = (REPOSITORY / "docs" / "api.md").read_text()
SAID = {"self", "name", "names", "record"}  # what these are is always the same


def public(module: ModuleType) -> list[str]:
    """Return the names that users import from a module."""
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__)
    return getattr(module, "__all__", None) or [name for name in own if not name.startswith("_")]


def functions() -> Iterator[tuple[str, object]]:
    """Yield what can be called: functions, and the methods of classes with their classes' names."""
    for module in MODULES:
        for name in public(module):
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value):
                methods = inspect.getmembers(value, inspect.isfunction)
                yield from ((f"{name}.{called}", method) for called, method in methods if not called.startswith("_"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_is_on_the_page(module: ModuleType) -> None:
    shown = {*re.findall(r"^::: (\S+)$", PAGE, re.MULTILINE), *re.findall(r"`([\w.]+)`", PAGE)}

    assert {f"{module.__name__}.{name}" for name in public(module)} <= shown


def test_everything_that_can_be_called_says_what_it_does_and_what_it_takes() -> None:
    for name, function in functions():
        text = inspect.getdoc(function) or ""
        if not text.startswith("See ``Papa."):  # it takes the same
            taken = set(inspect.signature(function).parameters) - SAID  # type: ignore[arg-type]
            assert text, name
            assert {one for one in taken if not re.search(rf"\b{one}\b", text)} == set(), name


def test_what_the_asyncio_client_leaves_to_the_other_is_there() -> None:
    for name, method in inspect.getmembers(papa.aio.AsyncPapa, inspect.isfunction):
        if (method.__doc__ or "").startswith("See ``Papa."):
            assert method.__doc__ == f"See ``Papa.{name}``."
            same = inspect.signature(method).parameters
            assert same == inspect.signature(getattr(papa.Papa, name)).parameters
