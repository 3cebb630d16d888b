"""Readable files read back: what was written comes back the same, what is wrong is one line and changes nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.base import Event
from messages.liquidation import MarketRetired, RetireReason
from messages.orders import FillConfirmed, OrderFilled
from messages.risk import HaltCause, Level, LossDayBegan, TradingHalted
from messages.values import MICRO, SECOND, MarketNs, Money, Outcome, Side, TradeId
from messages.wallet import EXTERNAL, MarketPaused, PauseCause
from tests.factories import MARKET, OTHER, a_fill, assigned, confirmed, retired, reversed_
from trading.import_files import ImportProblem
from trading.importing import imported
from trading.inventory import Inventories
from trading.views import StateViews

AT = MarketNs(1_700_000_000 * SECOND)
FILLS, EXITS, ENGINE = f"fills-{MARKET}.json", "liquidations.json", "execution_state.json"


def written(*facts: Event) -> dict[str, bytes]:
    """The files that follow from these facts."""
    views = StateViews()
    for fact in facts:
        views.note(fact, AT)
    return {name: text.encode() for name, text in views.take_changed(AT)}


def again(files: dict[str, bytes]) -> dict[str, object]:
    """The files that follow from what these files mean, as objects."""
    views = StateViews()
    for event, at in imported(files):
        views.note(event, at)
    return {name: json.loads(text) for name, text in views.take_changed(AT)}


def a_file(**changes) -> dict[str, bytes]:
    """One fills file: ten YES bought at 48 cents."""
    fill = {
        "tradeId": "t1",
        "orderId": "0xo",
        "outcome": "YES",
        "side": "BUY",
        "price": "0.48",
        "size": "10",
        "timestamp": 1_700_000_000_000,
    }
    content = {"version": 1, "conditionId": MARKET, "fills": [{**fill, **changes}]}
    return {FILLS: json.dumps(content).encode()}


def test_everything_that_counts_comes_back():
    bought, sold, ghost = (
        a_fill(10, 48, trade="t1", fee=3),
        a_fill(4, 52, side=Side.ASK, outcome=Outcome.YES, trade="t2"),
        a_fill(7, 30, trade="t3"),
    )
    files = written(
        bought,
        sold,
        ghost,
        confirmed(bought),
        reversed_(ghost),
        a_fill(5, 60, market=OTHER, side=Side.ASK, trade="t4"),
        retired(OTHER),
        LossDayBegan(day="2023-11-14", equity=Money(-5)),
        TradingHalted(cause=HaltCause.DAILY_LOSS, level=Level.HALT_QUOTES, reason="r", by="b"),
        MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="q", amount=Money(7)),
    )

    assert again(files) == {name: json.loads(text) for name, text in files.items()}


fills = st.builds(
    lambda number, size, price, side, outcome, fee: a_fill(
        size / MICRO, price / 10_000, side=side, outcome=outcome, trade=f"t{number}", fee=fee
    ),
    st.integers(0, 20),
    st.integers(1, 10**8),
    st.integers(1, MICRO - 1),
    st.sampled_from(Side),
    st.sampled_from(Outcome),
    st.integers(0, 10**5),
)
ends = st.tuples(st.sampled_from([confirmed, reversed_]), st.integers(0, 20))


@given(st.lists(fills, max_size=20), st.lists(ends, max_size=20))
def test_fills_and_how_they_ended_come_back_to_the_last_digit(story, endings):
    named = {fill.trade: fill for fill in reversed(story)}
    facts = list(story)
    facts += [end(named[TradeId(f"t{n}")]) for end, n in endings if f"t{n}" in named]
    files = written(*facts)
    if files and not is_short(facts):
        assert again(files) == {name: json.loads(text) for name, text in files.items()}


def is_short(facts: list[Event]) -> bool:
    """More sold than bought: no such file can be written by a wallet."""
    inventories = Inventories()
    for fact in facts:
        inventories.note(fact)
    return any(held.balance(outcome) < 0 for _, held in inventories.items() for outcome in Outcome)


def test_a_file_of_three_keys_is_enough_for_the_queue():
    queue = {
        "version": 1,
        "markets": [{"conditionId": MARKET, "startedAt": 1_706_000_000_000, "stage": "passive"}],
    }
    files = {EXITS: json.dumps(queue).encode(), **a_file()}
    (exit_,) = [event for event, _ in imported(files) if isinstance(event, MarketRetired)]

    assert (exit_.market, exit_.exit, exit_.slug) == (MARKET, f"{MARKET}#1", MARKET)
    assert (exit_.reason, exit_.net) == (RetireReason.POSITION_LIMIT, 10 * MICRO)


def test_a_fill_without_a_status_is_settled():
    assert [type(event) for event, _ in imported(a_file())] == [OrderFilled, FillConfirmed]


def test_what_the_listed_fills_do_not_add_up_to_was_held_before_them():
    (name, text) = next(iter(a_file().items()))
    content = json.loads(text) | {
        "yes": {"size": "25", "avgCost": "0.5"},
        "no": {"size": "3", "avgCost": "0.2"},
    }
    views = StateViews()
    for event, at in imported({name: json.dumps(content).encode()}):
        views.note(event, at)
    said = json.loads(dict(views.take_changed(AT))[FILLS])

    assert (said["yes"]["size"], said["no"]) == ("25", {"size": "3", "avgCost": "0.2"})
    assert [fill["owner"] for fill in said["fills"]] == [EXTERNAL, EXTERNAL, "maker"]


def test_positions_without_their_fills_are_taken_at_their_cost_and_no_day_is_counted_on():
    files = written(a_fill(10, 48), LossDayBegan(day="2023-11-14", equity=Money(1)))
    del files[FILLS]
    said = [event for event, _ in imported(files)]

    assert [type(event) for event in said] == [OrderFilled, FillConfirmed]
    assert (said[0].size, said[0].price) == (10 * MICRO, 480_000)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "none of liquidations.json"),
        ({FILLS: b"{"}, f"{FILLS}: Input data was truncated"),
        ({FILLS: b"\xff"}, FILLS),
        ({FILLS: b"[" * 10_000}, FILLS),
        ({FILLS: b'{"conditionId": "0xbb"}'}, f"{FILLS}: conditionId: '0xbb' is another market's"),
        ({FILLS: b'{"conditionId": "0xaa", "version": 2}'}, f"{FILLS}: version: Invalid enum value 2"),
        (a_file(price="1.2"), f"{FILLS}: fills[0].price: 1.2 is no price between 0 and 1"),
        (a_file(price="1"), "is no price between 0 and 1"),
        (a_file(price="x"), "fills[0].price: 'x' is no decimal number"),
        (a_file(price="0.1234567"), "fills[0].price: '0.1234567' is no decimal number with at most six"),
        (a_file(size="0"), "fills[0].size: 0 is too small"),
        (a_file(size="-3"), "fills[0].size: '-3' is no decimal number"),
        (a_file(size=10), f"{FILLS}: fills[0].size: Expected `str`, got `int`"),
        (a_file(outcome="MAYBE"), "fills[0].outcome: Invalid enum value 'MAYBE'"),
        (a_file(timestamp=-1), "fills[0].timestamp: -1 is no time"),
        (a_file(tradeId=""), "fills[0].tradeId: '' is no name"),
        (a_file(owner="a\nb"), "is no name"),
        ({EXITS: b'{"markets": [{"conditionId": "0xaa"}]}'}, f"{EXITS}: markets[0]: Object missing"),
        ({ENGINE: b'{"lastUpdated": 1, "risk": {"halts": [{"cause": "mood"}]}}'}, ENGINE),
    ],
)
def test_what_is_wrong_is_one_line_with_file_key_and_reason(files, words):
    with pytest.raises(ImportProblem) as problem:
        imported(files)

    assert words in str(problem.value)
    assert "\n" not in str(problem.value)


def test_the_same_fill_or_market_twice_is_refused():
    name, text = next(iter(a_file().items()))
    content = json.loads(text)
    content["fills"] *= 2
    with pytest.raises(ImportProblem, match=r"fills\[1\]: t1 of 0xo is there twice"):
        imported({name: json.dumps(content).encode()})
    row = {"conditionId": MARKET, "startedAt": 1}
    with pytest.raises(ImportProblem, match=r"markets\[1\].conditionId: 0xaa is there twice"):
        imported({EXITS: json.dumps({"markets": [row, row]}).encode()})


def test_less_than_the_fills_add_up_to_is_refused():
    name, text = next(iter(a_file().items()))
    content = json.loads(text) | {"yes": {"size": "9", "avgCost": "0.5"}}

    with pytest.raises(ImportProblem, match="size: 9 is less than its fills add up to"):
        imported({name: json.dumps(content).encode()})


def test_an_assigned_liquidator_is_assigned_anew():
    files = written(a_fill(10, 48, market=MARKET), retired(), assigned())

    assert not [event for event, _ in imported(files) if type(event) is type(assigned())]
