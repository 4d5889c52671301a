"""The table of actions drives keys, footer, palette and help: nothing in it is unbound, bound twice or untold."""

import asyncio
from collections import Counter
from itertools import combinations

import pytest
from textual.widget import Widget

from papa_console.dashboard.actions import ACTIONS, MOVES, Action, Where, actions_of
from papa_console.dashboard.app import Console
from papa_console.dashboard.files.bindings import key_name
from papa_console.dashboard.main_screen import MainScreen
from papa_console.dashboard.widgets.output_pane import OutputPane
from papa_console.dashboard.widgets.process_list import ProcessTable
from papa_console.dashboard.widgets.socket_list import SocketTable
from papa_console.dashboard.widgets.value_list import ValueTable
from support import scenes

TOGETHER = [
    (Where.EVERYWHERE, Where.LISTS, Where.PROCESSES),
    (Where.EVERYWHERE, Where.LISTS, Where.VALUES),
    (Where.EVERYWHERE, Where.OUTPUT),
]
OWNERS: dict[Where, tuple[type, ...]] = {
    Where.EVERYWHERE: (MainScreen,),
    Where.LISTS: (ProcessTable, SocketTable, ValueTable),
    Where.PROCESSES: (ProcessTable,),
    Where.VALUES: (ValueTable,),
    Where.OUTPUT: (OutputPane,),
}


def doers(action: Action) -> tuple[type, ...]:
    """Return who has the method that does an action."""
    return {"screen": (MainScreen,), "app": (Console,)}.get(action.target, OWNERS[action.where])


def ids(action: Action) -> str:
    return action.binding_id


@pytest.mark.parametrize("action", ACTIONS, ids=ids)
def test_each_action_is_done_by_a_method(action: Action) -> None:
    for doer in doers(action):
        assert callable(getattr(doer, f"action_{action.id}", None)), doer


@pytest.mark.parametrize("action", ACTIONS, ids=ids)
def test_each_action_has_words_and_keys_that_there_are(action: Action) -> None:
    assert action.label
    assert action.help
    assert not action.help.endswith(".")
    assert [key_name(key) for key in action.keys.split(",")] == action.keys.split(",")


@pytest.mark.parametrize("places", TOGETHER, ids=lambda places: places[-1].name.lower())
def test_no_key_does_two_things_in_one_place(places: tuple[Where, ...]) -> None:
    keys = Counter(key for action in actions_of(*places) for key in action.keys.split(","))

    assert [key for key, count in keys.items() if count > 1] == []


def test_each_action_has_an_id_of_its_own() -> None:
    assert len({action.binding_id for action in ACTIONS}) == len(ACTIONS)


def test_the_same_action_has_the_same_keys_wherever_it_can_be_done() -> None:
    differing = [
        (one.binding_id, other.binding_id)
        for one, other in combinations(ACTIONS, 2)
        if one.id == other.id and one.keys != other.keys and one.id != "filter"
    ]

    assert differing == []


def test_the_footer_has_a_place_of_its_own_for_each_action() -> None:
    for places in TOGETHER:
        ranks = [action.footer for action in actions_of(*places) if action.footer]
        assert len(ranks) == len(set(ranks)), places


def test_moves_are_actions() -> None:
    assert {action.id for action in ACTIONS} >= MOVES


def bound(node: Widget | MainScreen) -> set[str]:
    """Return the ids of what is bound where the focus is."""
    return {binding.binding.id or "" for binding in node.screen.active_bindings.values()}


def test_every_action_is_bound_where_it_can_be_done() -> None:
    found: dict[str, set[str]] = {}

    async def look() -> None:
        console = scenes.still_console(scenes.shop())
        async with console.run_test(size=(120, 40)) as pilot:
            for key in "1234":
                await scenes.play(pilot, [key])
                found[key] = bound(console.screen)

    asyncio.run(look())

    places = {"1": TOGETHER[0], "2": (Where.EVERYWHERE, Where.LISTS), "3": TOGETHER[1], "4": TOGETHER[2]}
    missing = {key: {a.binding_id for a in actions_of(*where)} - found[key] for key, where in places.items()}
    assert missing == {key: set() for key in places}
