"""A picture shows a graph whole: who is who, what is in which order; two equal graphs have one picture."""

import os
import subprocess
import sys
from collections import OrderedDict, defaultdict, deque
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import Side
from runtime.image import ImageError, Painter, picture, revive
from tests.factories import a_fill

ROOT = Path(__file__).parents[2]


class Leaf(msgspec.Struct):
    """Changes, and holds values alone."""

    n: int
    side: Side = Side.BID


class Branch(msgspec.Struct, kw_only=True):
    """Changes, and holds what changes."""

    leaves: list[Leaf]
    by: dict[str, object]


class Spot(NamedTuple):
    """A named tuple."""

    x: int
    y: tuple[int, ...]


class Tree:
    """Plain."""

    def __init__(self) -> None:
        self.leaf = Leaf(1)
        self.branch = Branch(leaves=[self.leaf, Leaf(2)], by={"me": self})
        self.last = deque([self.leaf, 3], maxlen=7)
        self.order = OrderedDict([("b", 1), ("a", self.leaf)])
        self.seen = {("t", Side.ASK), ("u", Side.BID)}
        self.count = defaultdict(int, {"x": 4})
        self.spot = Spot(1, (2, 1 << 80))
        self.fill = a_fill(10, 50)
        self.hook = self.grow
        self.kind = Leaf
        self.odd = (None, True, -5, b"x", 1.5, frozenset({"p", "q"}))

    def grow(self) -> None:
        """A bound method."""
        self.leaf.n += 1


def test_who_is_who_is_kept():
    tree = Tree()
    again = revive(picture({"tree": tree, "same": tree}))
    copy = again["tree"]

    assert again["same"] is copy
    assert copy.branch.leaves[0] is copy.leaf is copy.last[0] is copy.order["a"]
    assert copy.branch.by["me"] is copy
    copy.hook()
    assert (copy.leaf.n, tree.leaf.n) == (2, 1)


def test_everything_is_there_and_of_its_own_kind():
    tree = Tree()
    copy = revive(picture({"tree": tree}))["tree"]

    for name in ("leaf", "last", "order", "seen", "count", "spot", "fill", "kind", "odd"):
        was, found = getattr(tree, name), getattr(copy, name)
        assert (type(found), found) == (type(was), was), name
    assert copy.last.maxlen == 7
    assert list(copy.order) == ["b", "a"]
    assert picture({"tree": copy}) == picture({"tree": tree})
    assert copy.count["new"] == 0


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.sampled_from(Side),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
        | st.sets(st.text(max_size=3) | st.tuples(st.integers(), st.text(max_size=2)), max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_any_value_comes_back_as_it_was(value):
    image = picture({"it": value})

    assert revive(image) == {"it": value}
    assert picture(revive(image)) == image


def test_a_picture_is_the_same_whatever_the_hash_seed():
    program = (
        "import hashlib; from runtime.image import picture;"
        "print(hashlib.sha256(picture({'s': {str(n) for n in range(50)}, 'f': frozenset('abcdef')})).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(said) == 1


def test_a_change_anywhere_is_another_picture():
    tree = Tree()
    before = picture({"tree": tree})
    tree.branch.leaves[1].n += 1

    assert picture({"tree": tree}) != before


def test_it_is_taken_in_short_steps():
    painter = Painter({"many": [Leaf(n) for n in range(2_000)]})

    assert sum(1 for _ in painter.work()) == 4
    assert painter.picture() == picture({"many": [Leaf(n) for n in range(2_000)]})


@pytest.mark.parametrize(
    "what", [lambda: None, object(), open, iter([])], ids=["lambda", "object", "open", "iter"]
)
def test_what_has_no_picture_is_said_so(what):
    with pytest.raises(ImageError):
        picture({"it": what})


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-3], lambda b: b + b"x", lambda b: b.replace(b"Leaf", b"Loaf"), lambda b: b""]
)
def test_what_is_no_picture_of_this_program_is_said_so(spoil):
    with pytest.raises(ImageError):
        revive(spoil(picture({"tree": Tree()})))
