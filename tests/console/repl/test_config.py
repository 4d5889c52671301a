"""Settings come from the user's own file, and each fault in it is one clear message."""

from pathlib import Path

import pytest

from papa_console.repl.config import Config, ConfigError, load_config, read_config


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("", Config()),
        ('edit = "vi"', Config(edit="vi")),
        ('expand = "off"', Config(expand="off")),
        ("complete_while_typing = true", Config(complete_while_typing=True)),
        ("suggest = false\nhint = false\nmenu_rows = 20", Config(suggest=False, hint=False, menu_rows=20)),
    ],
)
def test_settings_are_read(text: str, config: Config) -> None:
    assert read_config(text) == config


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ('edit = "nano"', ['edit: expected "emacs" or "vi", not \'nano\'']),
        ("edit = 1", ['edit: expected "emacs" or "vi", not 1']),
        ("suggest = 1", ["suggest: expected true or false, not 1"]),
        ("menu_rows = 2", ["menu_rows: expected a number from 3 to 40, not 2"]),
        ("menu_rows = true", ["menu_rows: expected a number from 3 to 40, not True"]),
        (
            "colour = true",
            [
                'unknown setting "colour": expected one of edit, expand, complete_while_typing, suggest, hint, '
                "menu_rows"
            ],
        ),
        ("hint = 0\nexpand = []", ["hint: expected true or false, not 0",
                                   'expand: expected "space" or "enter" or "off", not []']),
    ],
)  # fmt: skip
def test_each_fault_is_one_message(text: str, messages: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(text)

    assert caught.value.messages == messages


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"not TOML: .*line 1"):
        read_config("edit vi")


def test_the_usual_file_need_not_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert load_config() == Config()


def test_the_usual_file_is_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "papa").mkdir()
    (tmp_path / "papa" / "repl.toml").write_text('edit = "vi"')

    assert load_config() == Config(edit="vi")


def test_a_file_in_the_current_directory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name in ("repl.toml", "papa/repl.toml", ".papa/repl.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('edit = "vi"')

    assert load_config() == Config()


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: there is no such file"):
        load_config(str(tmp_path / "missing.toml"))


def test_a_message_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "repl.toml"
    file.write_text("hint = 1")

    with pytest.raises(ConfigError, match=f"^{file}: hint: expected true or false, not 1$"):
        load_config(str(file))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "repl.toml"
    file.write_bytes(b"\xff")

    with pytest.raises(ConfigError, match="invalid start byte"):
        load_config(str(file))
