"""The account: each leg counts once, every belief is held against a read, and money is never overstated."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.account import AccountRead, Settlement
from messages.orders import FillConfirmed, FillMined, FillReversed, OrderCompleted, OrderFilled
from messages.values import MICRO, SECOND, Action, MarketNs, Money, OrderId, RealNs, Side, TokenId
from tests.actors.gateway_stage import a_leg, named
from tests.factories import MARKET, OTHER, a_fill, accepted, an_order, cents, intended, plain, shares
from trading.account import Account
from trading.horizon import OVERLAP_NS, SETTLES_NS, read_since
from trading.inventory import MAX_PENDING
from trading.token_names import MAX_CHECKED

NOW = RealNs(1)
FAR = 10**6 * SECOND


def an_account(*commands: str) -> Account:
    """Orders of 100 shares, resting."""
    account = Account()
    for command in commands or ("c1",):
        place = an_order(command, size=shares(100))
        account.note(intended(place), NOW)
        account.note(accepted(place), NOW)
    return account


def a_read(*legs, collateral=1_000 * MICRO, balances=()):
    """The account as the venue shows it."""
    return AccountRead(
        begun_at=RealNs(2), orders=(), legs=legs, collateral=Money(collateral), balances=balances
    )


legs = st.builds(
    lambda trade, command, status: a_leg(command, 1 + trade, trade=str(trade), status=status),
    st.integers(0, 5),
    st.sampled_from(["c1", "c2"]),
    st.sampled_from(Settlement),
)


@given(st.lists(legs, max_size=40))
def test_whatever_is_told_of_settlements_each_leg_is_filled_once_and_ends_once(story):
    account = an_account("c1", "c2")
    said = [fact for leg in story for fact in account.apply([leg], NOW)]
    filled = [(f.trade, f.order) for f in said if isinstance(f, OrderFilled)]
    ended = [(f.trade, f.order) for f in said if isinstance(f, FillConfirmed | FillReversed)]
    mined = [(f.trade, f.order) for f in said if isinstance(f, FillMined)]

    assert len(mined) == len(set(mined))
    assert set(mined) <= set(filled)
    assert len(filled) == len(set(filled))
    assert len(ended) == len(set(ended))
    assert set(ended) <= set(filled)
    assert set(account.unsettled) == set(filled) - set(ended)
    for key in ended:
        first = next(leg for leg in story if (leg.trade, leg.order) == key)
        assert first.status is not Settlement.FAILED


@given(st.lists(legs, max_size=40))
def test_what_is_said_makes_the_same_account_again(story):
    account, again = an_account("c1", "c2"), an_account("c1", "c2")
    for fact in [fact for leg in story for fact in account.apply([leg], NOW)]:
        if isinstance(fact, OrderFilled | FillConfirmed | FillReversed):
            again.note_fill(fact)
            again.note_fill(fact)
        elif isinstance(fact, FillMined):
            again.note_mined(fact)
            again.note_mined(fact)
        else:
            again.note(fact, NOW)

    assert plain(again.inventories) == plain(account.inventories)
    assert (again.unsettled, again.cursor) == (account.unsettled, account.cursor)
    assert [(o.id, o.filled) for o in again.table] == [(o.id, o.filled) for o in account.table]


def a_seller() -> Account:
    """An order that sells 100 shares of YES, resting, beside one that buys."""
    account = an_account("c1")
    sale = msgspec.structs.replace(
        intended(an_order("c2", side=Side.ASK, size=shares(100), price=cents(60))), action=Action.SELL
    )
    account.note(sale, NOW)
    return account


def test_a_buy_costs_at_the_match_rounded_against_us_and_a_sale_brings_when_it_is_read():
    account = a_seller()
    list(account.judge(a_read(), NOW))
    list(account.apply([a_leg("c1", 0.000003, 33.3333)], NOW))
    assert account.collateral == 1_000 * MICRO - 1
    list(account.apply([a_leg("c2", 10, 60, trade="t2", action=Action.SELL)], NOW))
    assert account.collateral == 1_000 * MICRO - 1, "the chain has not paid yet"
    sold = a_leg("c2", 10, 60, trade="t2", action=Action.SELL, status=Settlement.MINED)
    list(account.judge(a_read(sold, collateral=1_006 * MICRO), NOW))

    assert account.collateral == 1_006 * MICRO - 1, "the sale is in it, the buy is not yet"


@pytest.mark.parametrize("status", [Settlement.MATCHED, Settlement.RETRYING])
def test_a_balance_from_before_the_chain_took_a_buy_is_not_spent_twice(status):
    account = an_account()
    list(account.judge(a_read(a_leg("c1", 10, 50, status=status), collateral=100 * MICRO), NOW))
    assert account.collateral == 95 * MICRO
    mined = a_leg("c1", 10, 50, status=Settlement.MINED)
    list(account.apply([mined], RealNs(3)))
    assert account.collateral == 95 * MICRO, "what was read does not know it"
    list(account.judge(a_read(collateral=100 * MICRO), RealNs(4)))
    assert account.collateral == 95 * MICRO, "that read began before it was mined"
    late = msgspec.structs.replace(a_read(collateral=95 * MICRO), begun_at=RealNs(5))
    list(account.judge(late, RealNs(6)))

    assert account.collateral == 95 * MICRO
    assert account.purse.spent == {}


def test_a_buy_that_fails_gives_its_money_back_and_one_that_is_tried_again_does_not():
    account = an_account()
    list(account.judge(a_read(a_leg("c1", 10, 50), collateral=100 * MICRO), NOW))
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.MINED)], RealNs(1)))
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.RETRYING)], RealNs(1)))
    list(account.judge(a_read(collateral=100 * MICRO), RealNs(4)))
    assert account.collateral == 95 * MICRO, "the chain gave it back for now"
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.FAILED)], NOW))

    assert account.collateral == 100 * MICRO


def test_a_taker_pays_the_fee_of_the_market_and_a_maker_none():
    account = an_account()
    account.fee_rates[MARKET] = 70_000
    taker = msgspec.structs.replace(a_leg("c1", 10, 50), taker=True)
    fills = list(account.apply([taker, a_leg("c1", 10, 50, trade="t2")], NOW))

    assert [f.fee for f in fills if isinstance(f, OrderFilled)] == [175_000, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Settlement)), max_size=12), st.randoms())
def test_any_order_and_repetition_of_the_words_on_a_trade_ends_the_same(story, dice):
    """What a trade comes to is what was said of it last by the venue's own order of settlement."""
    ends = {n: dice.choice([Settlement.CONFIRMED, Settlement.FAILED]) for n in range(4)}
    words = [(n, s) for n, s in story if s not in (Settlement.CONFIRMED, Settlement.FAILED)]
    words += [(n, ends[n]) for n in range(4)] + [(n, ends[n]) for n in range(4)]
    dice.shuffle(words)
    account = an_account()
    for n, status in words:
        list(account.apply([a_leg("c1", 1 + n, trade=str(n), status=status)], NOW))
    held = account.inventories[MARKET]

    assert (
        held.net
        == held.confirmed_net
        == sum(shares(1 + n) for n in range(4) if ends[n] is Settlement.CONFIRMED)
    )
    assert held.is_settled
    assert account.unsettled == {}


def test_that_a_fill_was_mined_is_said_once_after_its_match_and_not_after_its_end():
    account = an_account("c1")
    told = [
        a_leg("c1", 5, status=Settlement(word))
        for word in ("mined", "mined", "matched", "mined", "confirmed")
    ]
    said = [type(fact) for leg in [*told, told[0]] for fact in account.apply([leg], NOW)]

    assert said == [OrderFilled, FillMined, FillConfirmed]


def test_a_read_fills_before_it_closes():
    account = an_account()
    said = list(account.judge(a_read(a_leg("c1", 100)), NOW))

    assert [type(fact) for fact in said] == [OrderFilled, OrderCompleted]


def test_trades_are_read_from_the_last_answered_read_or_the_oldest_open_intent():
    account = an_account()
    assert read_since(account, MarketNs(FAR), MarketNs(FAR)) == FAR - OVERLAP_NS
    assert read_since(account, None, MarketNs(FAR)) == 0, "an intent without its time"
    account = Account()
    account.note_fill(a_fill(1, 50))
    account.cursor = MarketNs(FAR)
    account.unsettled.clear()
    assert read_since(account, None, MarketNs(2 * FAR)) == FAR - OVERLAP_NS
    assert read_since(account, MarketNs(5), MarketNs(FAR)) == 0


def test_the_first_start_reads_what_may_be_on_its_way_and_not_the_whole_past_of_the_wallet():
    account = Account()
    assert read_since(account, None, MarketNs(FAR)) == FAR - SETTLES_NS - OVERLAP_NS

    account.begin(MarketNs(FAR))
    assert read_since(account, None, MarketNs(2 * FAR)) == FAR - OVERLAP_NS, "nothing was traded since"
    place = an_order("c1")
    account.note(intended(place), NOW)
    assert read_since(account, None, MarketNs(2 * FAR)) == FAR - OVERLAP_NS, "an intent without its time"


@pytest.mark.parametrize(("status", "kind"), [("confirmed", FillConfirmed), ("failed", FillReversed)])
def test_a_settlement_counts_even_if_its_order_was_closed_so_long_ago_that_it_is_forgotten(
    monkeypatch, status, kind
):
    monkeypatch.setattr("trading.orders.MAX_CLOSED", 0)
    account = an_account()
    list(account.apply([a_leg("c1", 100)], NOW))
    assert account.table.get(named("c1")) is None
    settled = a_leg("c1", 100, status=Settlement(status))

    assert [type(fact) for fact in account.apply([settled, settled], NOW)] == [kind]
    assert account.unsettled == {}


def test_a_trade_of_our_own_is_not_taken_for_somebody_elses_when_its_order_is_forgotten(monkeypatch):
    monkeypatch.setattr("trading.orders.MAX_CLOSED", 0)
    account = an_account()
    account.begin(MarketNs(0))
    settled = a_leg("c1", 100, status=Settlement.CONFIRMED)
    assert list(account.apply([settled], NOW))

    assert list(account.apply([settled], NOW)) == []


@pytest.mark.parametrize("spelled", [MARKET, OTHER])
def test_a_trade_of_others_counts_once_whatever_market_its_row_names(spelled):
    account = an_account("c1")  # whose token is known by that
    account.begin(MarketNs(0))
    told = msgspec.structs.replace(
        a_leg("", 4, order=OrderId("0xalien"), status=Settlement.CONFIRMED), market=spelled
    )
    failed = msgspec.structs.replace(told, status=Settlement.FAILED)

    said = [type(f) for leg in (told, told, failed, told) for f in account.apply([leg], NOW)]
    assert said == [OrderFilled, FillConfirmed]
    assert account.inventories[MARKET].net == shares(4)


def test_what_was_mined_is_out_of_the_chains_money_from_its_first_word_on():
    account = an_account()
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.MINED)], RealNs(2)))
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.CONFIRMED)], RealNs(5)))
    read = msgspec.structs.replace(a_read(collateral=95 * MICRO), begun_at=RealNs(3))
    list(account.judge(read, RealNs(6)))

    assert account.collateral == 95 * MICRO


def test_what_was_confirmed_while_a_read_was_on_its_way_may_not_be_in_it():
    account = an_account()
    list(account.apply([a_leg("c1", 10, 50)], RealNs(2)))
    list(account.apply([a_leg("c1", 10, 50, status=Settlement.CONFIRMED)], RealNs(5)))
    read = msgspec.structs.replace(a_read(collateral=100 * MICRO), begun_at=RealNs(3))
    list(account.judge(read, RealNs(6)))

    assert account.collateral == 95 * MICRO


def test_a_fill_that_is_not_settled_holds_the_read_back():
    account, at = an_account(), FAR - SETTLES_NS
    list(account.apply([a_leg("c1", 1, at=at)], NOW))
    assert read_since(account, MarketNs(FAR), MarketNs(FAR)) == at - OVERLAP_NS
    list(account.apply([a_leg("c1", 1, at=at, status=Settlement.CONFIRMED)], NOW))

    assert read_since(account, MarketNs(FAR), MarketNs(FAR)) == FAR - OVERLAP_NS


def test_a_fill_that_does_not_settle_for_hours_is_asked_for_only_by_reads_that_go_far():
    account, now = an_account(), MarketNs(FAR)
    list(account.apply([a_leg("c1", 1, at=FAR // 2, status=Settlement.RETRYING)], NOW))

    assert read_since(account, now, now) == FAR - OVERLAP_NS
    assert read_since(account, now, now, is_far=True) == FAR // 2 - OVERLAP_NS


def test_only_the_tokens_ordered_last_are_checked():
    account = Account()
    for number in [*range(MAX_CHECKED + 5), 0]:
        order = intended(an_order(f"c{number}"))
        values = {f: getattr(order, f) for f in order.__struct_fields__}
        account.note(type(order)(**{**values, "token": TokenId(f"{number}")}), NOW)

    assert len(account.tokens.checked) == MAX_CHECKED
    assert account.tokens.checked[-1] == "0"
    assert "1" not in account.tokens.checked


def test_a_long_replay_without_a_read_does_not_pile_up_what_landed_long_ago():
    account = Account()
    for n in range(MAX_PENDING + 500):
        fill = a_fill(1, 50, trade=f"t{n}")
        account.note_fill(fill)
        account.note_fill(FillConfirmed(trade=fill.trade, order=fill.order, market=fill.market))

    assert len(account.purse.spent) == MAX_PENDING
