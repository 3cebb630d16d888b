"""Split, merge, redeem and convert: what comes out, what is refused, and that no dollar is made or lost."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from messages.values import MICRO, MarketId, Size, TokenId
from tests.venue.paper.engine_bench import ALICE, BOB, CAROL, NO, Bench, a_market, an_order
from venue.paper.engine.accounts import ADAPTER, FEES, HOUSE
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.mishaps import Mishap
from venue.paper.engine.terms import Event, Market, OrderType, Refused, TokenSide
from venue.paper.ledger.history import History
from venue.paper.ledger.ledger import Ledger


def shares(count: float) -> Size:
    return Size(round(count * MICRO))


def a_race(runners: int = 3) -> list[Market]:
    """The markets of a neg-risk event; the first is the bench's own."""
    return [
        a_market(
            id=MarketId(f"0xrunner{n}"),
            slug=f"runner-{n}",
            yes=TokenId(f"1{n}"),
            no=TokenId(f"2{n}"),
            neg_risk=True,
            neg_risk_market="0xrace",
            event="the-race",
            event_title="Who wins?",
            fee_rate=50_000,
        )
        for n in range(runners)
    ]


def at_the_race(dollars: int = 1_000, ledger: Ledger | None = None) -> tuple[Bench, Event]:
    first, *others = a_race()
    bench = Bench(market=first, dollars=dollars, ledger=ledger)
    for market in others:
        bench.exchange.add_market(market)
    (event,) = bench.exchange.events
    return bench, event


def test_a_dollar_is_a_pair_and_a_pair_is_a_dollar() -> None:
    bench = Bench()
    bank = bench.exchange.bank
    made = bank.split(ALICE, bench.market, shares(10))

    assert (made.kind, made.size, made.dollars) == ("SPLIT", 10 * MICRO, -10 * MICRO)
    assert (bench.dollars(ALICE), bench.shares(ALICE), bench.shares(ALICE, NO)) == (990, 10, 10)
    assert {held.average_cost for held in bench.exchange.positions(ALICE).values()} == {500_000}

    made = bank.merge(ALICE, bench.market, shares(4))
    assert (made.kind, made.size, made.dollars) == ("MERGE", 4 * MICRO, 4 * MICRO)
    assert (bench.dollars(ALICE), bench.shares(ALICE), bench.shares(ALICE, NO)) == (994, 6, 6)
    assert {held.average_cost for held in bench.exchange.positions(ALICE).values()} == {500_000}


def test_only_what_is_there_and_settled_becomes_something_else() -> None:
    bench = Bench(dollars=10)
    bank, market = bench.exchange.bank, bench.market
    bank.split(BOB, market, shares(10))
    bench.sell(BOB, 40, 10)
    bench.buy(ALICE, 40, 10)

    with pytest.raises(Refused, match=r"^not enough collateral: 10 settled, 10\.5 needed$"):
        bank.split(ALICE, market, shares(10.5))
    with pytest.raises(Refused, match=r"^not enough YES: 0 settled, 1 needed$"):
        bank.merge(ALICE, market, shares(1))
    bench.at(2)
    with pytest.raises(Refused, match=r"^not enough NO: 0 settled, 1 needed$"):
        bank.merge(ALICE, market, shares(1))
    with pytest.raises(Refused, match="more than nothing"):
        bank.split(ALICE, market, shares(0))
    assert (bench.dollars(ALICE), bench.shares(ALICE)) == (6, 10)


@pytest.mark.parametrize("yes_wins", [True, False, None])
def test_a_pair_pays_a_dollar_whatever_the_outcome(yes_wins: bool | None) -> None:
    bench = Bench(dollars=10)
    bank, market = bench.exchange.bank, bench.market
    bank.split(ALICE, market, shares(5))
    with pytest.raises(Refused, match="not resolved yet"):
        bank.redeem(ALICE, market)
    bench.exchange.resolve(market.id, yes_wins)
    made = bank.redeem(ALICE, market)

    assert (made.kind, made.size, made.dollars) == ("REDEEM", 10 * MICRO, 5 * MICRO)
    assert bench.dollars(ALICE) == 10
    assert bench.exchange.positions(ALICE) == {}
    with pytest.raises(Refused, match="nothing to redeem"):
        bank.redeem(ALICE, market)
    with pytest.raises(Refused, match="is resolved"):
        bank.split(ALICE, market, shares(1))


@pytest.mark.parametrize(("yes_wins", "yes_pays", "no_pays"), [(True, 10, 0), (False, 0, 10), (None, 5, 5)])
def test_the_winner_pays_a_dollar_and_the_loser_nothing(
    yes_wins: bool | None, yes_pays: float, no_pays: float
) -> None:
    bench = Bench(dollars=10)
    bench.buy(ALICE, 40, 10)
    bench.buy(BOB, 60, 10, token=NO)
    bench.at(2)
    bench.exchange.resolve(bench.market.id, yes_wins)
    for maker in (ALICE, BOB):
        bench.exchange.bank.redeem(maker, bench.market)

    assert (bench.dollars(ALICE), bench.dollars(BOB)) == (6 + yes_pays, 4 + no_pays)


def test_markets_that_name_an_event_are_one_and_others_are_their_own() -> None:
    bench, event = at_the_race()
    bench.exchange.add_market(a_market())
    race, single = bench.exchange.events

    assert (race.slug, race.title, race.neg_risk, race.neg_risk_market) == (
        "the-race",
        "Who wins?",
        True,
        "0xrace",
    )
    assert [market.slug for market in event.markets] == ["runner-0", "runner-1", "runner-2"]
    assert (single.slug, single.title, single.neg_risk, single.markets) == (
        "a-market",
        "Will it?",
        False,
        (bench.exchange.markets[3],),
    )


def test_no_of_one_runner_is_yes_of_all_others() -> None:
    bench, event = at_the_race()
    one, two, three = event.markets
    bench.exchange.bank.split(ALICE, one, shares(10))
    made = bench.exchange.bank.convert(ALICE, event, [one], shares(10))

    assert (made.kind, made.market, made.dollars) == ("CONVERT", "0xrace", 0)
    held = {token: position.size / MICRO for token, position in bench.exchange.positions(ALICE).items()}
    assert held == {one.yes: 10, two.yes: 10, three.yes: 10}
    assert bench.dollars(ALICE) == 990
    cost = bench.exchange.positions(ALICE)[two.yes].average_cost
    assert cost == 250_000, "the NO cost half a dollar, and two YES took its place"


def test_no_of_several_runners_frees_dollars() -> None:
    bench, event = at_the_race()
    one, two, three = event.markets
    for market in (one, two):
        bench.exchange.bank.split(ALICE, market, shares(10))
    made = bench.exchange.bank.convert(ALICE, event, [two, one], shares(4))

    assert made.dollars == 4 * MICRO
    held = {token: position.size / MICRO for token, position in bench.exchange.positions(ALICE).items()}
    assert held == {one.yes: 10, two.yes: 10, one.no: 6, two.no: 6, three.yes: 4}
    assert bench.dollars(ALICE) == 984


def test_no_of_all_runners_is_all_but_one_dollar() -> None:
    bench, event = at_the_race()
    for market in event.markets:
        bench.exchange.bank.split(ALICE, market, shares(10))
    bench.exchange.bank.convert(ALICE, event, event.markets, shares(10))
    assert bench.dollars(ALICE) == 990


def test_what_cannot_be_converted_is_refused_in_a_sentence() -> None:
    bench, event = at_the_race()
    bank, (one, two, _) = bench.exchange.bank, event.markets
    bank.split(ALICE, one, shares(10))

    for chosen, words in (
        ([], "name one or several different markets"),
        ([one, one], "name one or several different markets"),
        ([a_market()], "name one or several different markets"),
        ([one, two], "not enough NO of runner-1: 0 settled, 5 needed"),
    ):
        with pytest.raises(Refused, match=words):
            bank.convert(ALICE, event, chosen, shares(5))
    alone = Event(slug="a-market", title="Will it?", markets=(a_market(),))
    with pytest.raises(Refused, match="not neg-risk"):
        bank.convert(ALICE, alone, alone.markets, shares(5))
    bench.exchange.resolve(two.id, False)
    with pytest.raises(Refused, match="is resolved"):
        bank.convert(ALICE, event, [one], shares(5))
    assert bench.shares(ALICE, one.no) == 10


def test_what_conversions_lent_is_paid_back_when_the_race_is_run() -> None:
    bench, event = at_the_race()
    one, two, _ = event.markets
    for market in (one, two):
        bench.exchange.bank.split(ALICE, market, shares(10))
    bench.exchange.bank.convert(ALICE, event, [one, two], shares(7))
    assert bench.exchange.balance(ADAPTER, None) == -14 * MICRO
    for market in event.markets:
        bench.exchange.resolve(market.id, market is two)
        bench.exchange.bank.redeem(ALICE, market)

    assert bench.exchange.balance(ADAPTER, None) == 0
    assert bench.dollars(ALICE) == 1_000


def test_conversions_are_history(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    bench, event = at_the_race(ledger=Ledger(path))
    one = event.markets[0]
    made = [
        bench.exchange.bank.split(ALICE, one, shares(10)),
        bench.exchange.bank.convert(ALICE, event, [one], shares(4)),
        bench.exchange.bank.merge(ALICE, one, shares(6)),
    ]
    assert History(path).conversions() == made
    assert len({conversion.transaction_hash for conversion in made}) == 3
    found = bench.ledger.conversion_by_hash(made[1].transaction_hash)
    assert found == made[1]
    again, _ = at_the_race(ledger=Ledger(path))
    assert again.dollars(ALICE) == 996
    more = again.exchange.bank.split(ALICE, one, shares(1))
    assert more.transaction_hash not in {conversion.transaction_hash for conversion in made}


MAKERS = (ALICE, BOB, CAROL)
MOVES = st.one_of(
    st.tuples(st.just("order"), st.sampled_from(TokenSide), st.booleans(), st.integers(20, 80)),
    st.tuples(st.just("split"), st.integers(1, 900)),
    st.tuples(st.just("merge"), st.integers(1, 900)),
    st.tuples(st.just("convert"), st.integers(1, 7), st.integers(1, 900)),
    st.tuples(st.just("fail"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 12)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(MAKERS), st.integers(0, 2), MOVES), max_size=30),
    st.integers(0, 2),
    st.booleans(),
)
def test_collateral_and_what_tokens_are_worth_stay_constant(
    moves: list[tuple[str, int, tuple[object, ...]]], winner: int, all_wait: bool
) -> None:
    bench, event = at_the_race(dollars=40)
    plans: list[Mishap] = []
    bench.exchange.bank.ask_of_settlements(lambda trade: plans.pop() if plans else None)
    seconds = 0
    for maker, n, move in moves:
        try:
            seconds += _play(bench, event, maker, event.markets[n], move, plans)
        except Refused:
            pass
        bench.at(seconds)
        assert _worth(bench.exchange, event) == 120 * MICRO
    if all_wait:
        bench.at(seconds + 1_000)
    for n, market in enumerate(event.markets):
        bench.exchange.resolve(market.id, n == winner)
    bench.at(seconds + 2_000)
    for maker in MAKERS:
        for market in event.markets:
            try:
                bench.exchange.bank.redeem(maker, market)
            except Refused:
                pass
    everybody = (*MAKERS, FEES, ADAPTER, HOUSE)
    assert sum(bench.exchange.balance(who, None) for who in everybody) == 120 * MICRO
    assert bench.exchange.balance(ADAPTER, None) == 0
    assert all(bench.exchange.balance(maker, None) >= 0 for maker in MAKERS)


def _play(
    bench: Bench, event: Event, maker: str, market: Market, move: tuple[object, ...], plans: list[Mishap]
) -> int:
    """Do it; market seconds that pass."""
    bank, (kind, *rest) = bench.exchange.bank, move
    match kind, rest:
        case "order", [TokenSide() as side, bool() as on_yes, int() as cents]:
            token = market.yes if on_yes else market.no
            terms = an_order(maker, side, cents, 8, token=token, type=OrderType.GTC)
            bench.exchange.place(terms)
        case "split", [int() as size]:
            bank.split(maker, market, shares(size / 100))
        case "merge", [int() as size]:
            bank.merge(maker, market, shares(size / 100))
        case "convert", [int() as which, int() as size]:
            chosen = [one for n, one in enumerate(event.markets) if which & 1 << n]
            bank.convert(maker, event, chosen, shares(size / 100))
        case "fail", [int() as retries, bool() as fails]:
            plans.append(Mishap(retries=retries, fails=fails))
        case "wait", [int() as seconds]:
            return seconds
    return 0


def _worth(exchange: Exchange, event: Event) -> int:
    """All collateral, and a dollar for each pair that is outstanding; as many YES as NO of each market."""
    everybody = (*MAKERS, FEES, ADAPTER, HOUSE)
    worth = sum(exchange.balance(who, None) for who in everybody)
    for market in event.markets:
        yes, no = (sum(exchange.balance(who, t) for who in everybody) for t in (market.yes, market.no))
        assert yes == no
        chain_yes = sum(exchange.bank.on_chain(who, market.yes) for who in everybody)
        chain_no = sum(exchange.bank.on_chain(who, market.no) for who in everybody)
        assert chain_yes == chain_no
        worth += yes
    assert all(exchange.bank.on_chain(who, None) >= 0 for who in MAKERS)
    return worth
