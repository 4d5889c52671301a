"""What users are told when something is wrong, word for word, by the real thing: error_catalogue.txt."""

from collections.abc import Iterator

import pytest

from support.catalogue import FILE, Entry, Stage, read


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A kernel that holds something, for all entries: none of them changes it."""
    with Stage() as made:
        yield made


@pytest.mark.parametrize("entry", read(FILE.read_text()), ids=lambda entry: entry.trigger)
def test_the_user_is_told(entry: Entry, stage: Stage) -> None:
    assert stage.tell(entry.trigger) == entry.told
