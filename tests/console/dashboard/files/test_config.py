"""The dashboard's settings come from the user's own file, and each fault in it is one clear message."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.files.bindings import Bound
from papa_console.dashboard.files.config import Config, ConfigError, load_config, read_config

NAMES = "theme, storage, times, wrap, refresh, mouse, sidebar, sockets, values, keys"


def actions() -> Sequence[Bound]:
    return ACTIONS


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("", Config()),
        ('theme = "nord"', Config(theme="nord")),
        ('storage = "128m"', Config(storage=128 * 2**20)),
        ('storage = "2GB"', Config(storage=2 * 2**30)),
        ("storage = 1048576", Config(storage=2**20)),
        ('times = "delta"\nwrap = true', Config(times="delta", wrap=True)),
        ("refresh = 2\nmouse = false", Config(refresh=2, mouse=False)),
        ("refresh = 0.5", Config(refresh=0.5)),
        ("sidebar = 60\nsockets = 8\nvalues = 12", Config(sidebar=60, sockets=8, values=12)),
        ('[keys]\n"output.search" = "ctrl+f"', Config(keys={"output.search": "ctrl+f"})),
        ('[keys]\noutput.search = "ctrl+f"', Config(keys={"output.search": "ctrl+f"})),
        ('[keys.output]\nsearch = ["ctrl+f", "?"]\nsave = "ctrl+s"\n[keys.everywhere]\nhelp = "f1"',
         Config(keys={"output.search": "ctrl+f,question_mark", "output.save": "ctrl+s", "everywhere.help": "f1"})),
    ],
)  # fmt: skip
def test_settings_are_read(text: str, config: Config) -> None:
    assert read_config(text, actions) == config


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("wrap = 1", ["wrap: expected true or false, not 1"]),
        ("theme = 1", ["theme: expected a text in quotes, not 1"]),
        ('times = "never"', ['times: expected "off" or "clock" or "age" or "delta", not \'never\'']),
        ("refresh = 0", ["refresh: expected a number from 0.1 to 3600, not 0"]),
        ("refresh = true", ["refresh: expected a number from 0.1 to 3600, not True"]),
        ("sidebar = 1.5", ["sidebar: expected a number from 0 to 500, not 1.5"]),
        ('storage = "64"', ['storage: expected a size from "1m" to "64g", not \'64\'']),
        ('storage = "many"', ['storage: expected a size from "1m" to "64g", not \'many\'']),
        ("storage = 1.5", ['storage: expected a size from "1m" to "64g", not 1.5']),
        ("colour = true", [f'unknown setting "colour": expected one of {NAMES}']),
        ("mouse = 0\nvalues = []", ["mouse: expected true or false, not 0",
                                    "values: expected a number from 0 to 200, not []"]),
        ("keys = 3", ['keys: expected a table of actions and keys, such as "output.search" = "ctrl+f", not 3']),
        ('[keys]\n"output.serch" = "x"',
         ["keys: unknown action 'output.serch': expected one such as output.search, output.save"]),
        ('[keys]\n"output.search" = 3', ["keys: output.search: expected a key, or a list of keys, not 3"]),
        ('[keys]\n"output.search" = []', ["keys: output.search: expected a key, or a list of keys, not []"]),
        ('[keys]\n"output.search" = "contrl+f"',
         ["keys: output.search: unknown key 'contrl+f': expected keys such as \"x\", \"?\", \"ctrl+f\", "
          '"shift+tab" or "f5"']),
        ('[keys]\n"output.search" = ""',
         ["keys: output.search: unknown key '': expected keys such as \"x\", \"?\", \"ctrl+f\", \"shift+tab\" "
          'or "f5"']),
        ('[keys]\n"output.search" = "ctrl+m"',
         ["keys: output.search: unknown key 'ctrl+m': expected another key: terminals send enter for it"]),
        ('[keys]\n"output.search" = "z"', ["keys: output.search: z is bound to everywhere.zoom too: expected a key of "
                                           "its own"]),
        ('[keys]\n"output.search" = "ctrl+f"\n"output.save" = "ctrl+f"',
         ["keys: output.search: ctrl+f is bound to output.save too: expected a key of its own"]),
    ],
)  # fmt: skip
def test_each_fault_is_one_message(text: str, messages: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(text, actions)

    assert caught.value.messages == messages


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\n"values.edit" = "t"',  # times, of the output
        '[keys]\n"processes.tree" = "e"',  # edit, of the values
        '[keys]\n"lists.sort" = "n"',  # the next match, of the output
    ],
)
def test_a_key_may_do_different_things_in_different_places(text: str) -> None:
    assert len(read_config(text, actions).keys) == 1


def test_keys_may_change_places() -> None:
    config = read_config('[keys]\n"output.search" = "f"\n"output.filter" = "/"', actions)

    assert config.keys == {"output.search": "f", "output.filter": "slash"}


def test_the_usual_keys_are_no_fault() -> None:
    text = "[keys]\n" + "".join(f'"{action.binding_id}" = "{action.keys}"\n' for action in ACTIONS)

    config = read_config(text, actions)

    assert config.keys == {action.binding_id: action.keys for action in ACTIONS}


def test_the_table_of_actions_is_asked_for_only_where_keys_are_bound() -> None:
    def never() -> Sequence[Bound]:
        raise AssertionError("it costs the time that Textual takes to load")

    assert read_config("wrap = true", never) == Config(wrap=True)


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"not TOML: .*line 2"):
        read_config("wrap = true\ntheme nord", actions)


def test_the_usual_file_is_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    before = load_config(actions)
    (tmp_path / "papa").mkdir()
    (tmp_path / "papa" / "console.toml").write_text("wrap = true")

    assert before == Config()
    assert load_config(actions) == Config(wrap=True)


def test_a_named_file_must_be_there_and_right(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"

    with pytest.raises(ConfigError, match=f"^{file}: there is no such file$"):
        load_config(actions, str(file))

    file.write_text("wrap = 1")
    with pytest.raises(ConfigError, match=f"^{file}: wrap: expected true or false, not 1$"):
        load_config(actions, str(file))
