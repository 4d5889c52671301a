"""What the console looks like, compared with pictures that were looked at; --snapshot-update takes them anew."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from textual.pilot import Pilot

from papa_console.dashboard.colors import Colors, Depth
from papa_console.dashboard.screens.question import Question
from support import scenes
from support.still import StillLink

SIZES = [(80, 24), (120, 40), (200, 60)]
WEB_1 = ("down",) * 4


@dataclass(frozen=True)
class Scene:
    """A picture: which kernel, and which keys are pressed."""

    name: str
    keys: tuple[str, ...] = ()
    link: Callable[[], StillLink] = scenes.shop
    colors: Colors = field(default_factory=Colors)
    theme: str | None = None


SCENES = [
    Scene("normal", WEB_1),
    Scene("empty", link=scenes.empty),
    Scene("lost", WEB_1, scenes.lost),
    Scene("no-kernel", link=scenes.absent),
    Scene("refused", link=scenes.refused),
    Scene("exited", ("down", "4")),
    Scene("ansi-and-stderr", (*WEB_1, "4", "t")),
    Scene("search", (*WEB_1, "4", "slash", *"timeout", "enter")),
    Scene("filter", (*WEB_1, "4", "f", *"item/1", "enter", "c")),
    Scene("merged", (*WEB_1, "space", "space", "4", "t")),
    Scene("help", ("question_mark",)),
    Scene("palette", ("ctrl+p",)),
    Scene("form-process", ("plus",)),
    Scene("form-socket", ("2", "plus")),
    Scene("form-value", ("3", "plus")),
    Scene("confirm-remove", (*WEB_1, "x")),
    Scene("confirm-acknowledge", (*WEB_1, "a")),
    Scene("no-color", WEB_1, colors=Colors(Depth.NONE), theme="ansi-dark"),
]
FURTHER = [
    Scene("tree", ("T",)),
    Scene("wiring", ("2", "G", "W")),
    Scene("wire", ("L",)),
    Scene("value", ("3", "enter")),
    Scene("command", ("colon", *"l p we")),
    Scene("zoom", (*WEB_1, "4", "z")),
    Scene("pinned", (*WEB_1, "P", "down")),
    Scene("details", (*WEB_1, "i")),
    Scene("messages", ("3", "a", "P", "exclamation_mark")),
    Scene("light", WEB_1, theme="papa-light"),
    Scene("sixteen-colors", WEB_1, colors=Colors(Depth.SIXTEEN), theme="ansi-dark"),
]


def take(snap_compare: Callable[..., bool], scene: Scene, size: tuple[int, int]) -> bool:
    """Play a scene and compare its picture."""

    async def play(pilot: Pilot[int]) -> None:
        await scenes.play(pilot, scene.keys)
        if scene.link is scenes.absent:
            await scenes.until(pilot, lambda: isinstance(pilot.app.screen, Question))

    console = scenes.still_console(scene.link(), scene.colors, scene.theme)
    return snap_compare(console, terminal_size=size, run_before=play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_screen_looks_as_it_did(snap_compare: Callable[..., bool], scene: Scene, size: tuple[int, int]) -> None:
    assert take(snap_compare, scene, size)


@pytest.mark.parametrize("scene", FURTHER, ids=lambda scene: scene.name)
def test_other_screens_look_as_they_did(snap_compare: Callable[..., bool], scene: Scene) -> None:
    assert take(snap_compare, scene, (120, 40))


def test_a_screen_that_is_too_small_says_so(snap_compare: Callable[..., bool]) -> None:
    assert take(snap_compare, Scene("too-small", WEB_1), (58, 12))
