"""Dotted names as a tree of namespaces."""

import pytest

from papa_console.dashboard.widgets.tree import Tree


def drawn(tree: Tree, opened: bool = True) -> list[str]:
    rows = tree.rows(lambda keys: keys, lambda _: opened)
    return ["  " * tree.nodes[key].depth + tree.nodes[key].label for key in rows]


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["a", "b"], ["a", "b"]),
        (["web.1", "web.2"], ["web", "  1", "  2"]),
        (["db", "web.1", "web.2"], ["db", "web", "  1", "  2"]),
        (["web", "web.1", "web.2"], ["web", "web", "  1", "  2"]),
        (["only.one", "web.1", "web.2"], ["only.one", "web", "  1", "  2"]),
        (["a.b.c.1", "a.b.c.2"], ["a.b.c", "  1", "  2"]),
        (["a.b.1", "a.b.2", "a.c"], ["a", "  b", "    1", "    2", "  c"]),
        (["a.b", "a.b.c", "a.b.d"], ["a", "  b", "  b", "    c", "    d"]),
        (["web.1", "webx.1"], ["web.1", "webx.1"]),
        ([".a", ".b"], [".", "  a", "  b"]),
        (["a..x", "a..y"], ["a.", "  x", "  y"]),
        (["a.", "a.b"], ["a", "  ", "  b"]),
        ([], []),
    ],
)
def test_names_fold_where_two_share_a_namespace(names: list[str], rows: list[str]) -> None:
    assert drawn(Tree(names)) == rows


def test_a_folded_namespace_is_one_row_with_all_its_members() -> None:
    tree = Tree(["a.b.1", "a.b.2", "a.c", "db"])

    assert tree.rows(lambda keys: keys, lambda _: False) == ["a.*", "db"]
    assert tree.members("a.*") == ("a.b.1", "a.b.2", "a.c")
    assert tree.members("a.b.*") == ("a.b.1", "a.b.2")
    assert tree.members("db") == ("db",)
    assert [tree.is_namespace(key) for key in ("a.*", "db", "none")] == [True, False, False]


def test_rows_know_what_they_are_in() -> None:
    tree = Tree(["a.b.1", "a.b.2", "a.c", "db"])

    assert tree.above("a.b.1") == ["a.b.*", "a.*"]
    assert tree.above("a.c") == ["a.*"]
    assert tree.above("db") == tree.above("none") == []


def test_rows_of_a_namespace_are_sorted_among_themselves() -> None:
    tree = Tree(["a.1", "a.2", "b.1", "b.2"])

    rows = tree.rows(lambda keys: keys[::-1], lambda _: True)

    assert rows == ["b.*", "b.2", "b.1", "a.*", "a.2", "a.1"]


def test_a_name_that_looks_like_a_pattern_stays_a_row_of_its_own() -> None:
    tree = Tree(["web.*", "web.1"])

    assert tree.rows(lambda keys: keys, lambda _: True) == ["web.*", "web.1"]
    assert not tree.is_namespace("web.*")


def test_very_deep_names_do_not_nest_without_end() -> None:
    names = [".".join("a" * depth) for depth in range(1, 400)]

    tree = Tree(names)

    assert max(node.depth for node in tree.nodes.values()) <= 8
    assert set(names) <= set(tree.nodes)
