"""Values set, read and removed by several clients at once, with texts of every kind."""

import re
from typing import ClassVar

from soak.accounts import DiffersError, expect
from soak.actor import Actor
from soak.stage import Stage

_LETTERS = ("a", "é", "漢", "\n", "\r", "\t", " ", "\\", "=", "\x7f", "\u202e")
_PARTS = (*_LETTERS, "> ", "] ", "Error: ", '""', "$(socket.x.port)")
_SHARED = "shared"


class Texts(Actor):
    """Keeps values of its own, which must be as it left them, and one with the others, which never goes back."""

    kind: ClassVar[str] = "texts"

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        super().__init__(stage, name, seed)
        self._papa = stage.papa(self.random)
        self._mine: dict[str, str] = {}
        self._seen: dict[str, int] = {}  # the latest of each author in the shared value

    def act(self) -> None:
        self.random.choice((self._set, self._set, self._get, self._remove, self._list, self._share, self._look))()

    def finish(self) -> None:
        self._list()
        self._papa.remove_values(f"{self.name}.*", _SHARED)
        expect(self._papa.list_values(f"{self.name}.*"), {}, "values that were removed")
        self._papa.close()

    def _name(self) -> str:
        return f"{self.name}.{self.random.randint(0, 99)}"

    def _set(self) -> None:
        count = self.random.choice((0, 1, 10, 10_000))
        text = "".join(self.random.choices(_PARTS, k=count))
        name = self._name()
        self._papa.set(name, text)
        self._mine[name] = text
        self.bytes += len(text)

    def _get(self) -> None:
        name = self._name()
        expect(self._papa.get(name), self._mine.get(name), f"the value {name}")

    def _remove(self) -> None:
        prefix = f"{self.name}.{self.random.randint(0, 9)}"
        self._papa.remove_values(f"{prefix}*")
        self._mine = {name: text for name, text in self._mine.items() if not name.startswith(prefix)}

    def _list(self) -> None:
        expect(self._papa.list_values(f"{self.name}.*"), dict(sorted(self._mine.items())), f"the values of {self.name}")

    def _share(self) -> None:
        self._papa.set(_SHARED, f"{self.name}:{self.actions}")

    def _look(self) -> None:
        """See that of no author something older comes after something newer."""
        text = self._papa.get(_SHARED)
        if text is None:
            return
        found = re.fullmatch(r"(texts-\d+):(\d+)", text)
        if found is None:
            raise DiffersError(f"the shared value is {text!r}, which nobody has set")
        author, number = found[1], int(found[2])
        if number < self._seen.get(author, 0):
            raise DiffersError(f"the shared value has gone back to {text} after {self._seen[author]}")
        self._seen[author] = number
