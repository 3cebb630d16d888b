"""The gateway takes an account over: it empties the book, proves it, and knows what an earlier one left behind."""

import pytest

from actors.gateway import GatewaySettings
from messages.account import AccountRefused, GatewayStarted, OpenAccount, PositionMismatched, ReadAccount
from messages.orders import (
    AnswerLost,
    DenyRule,
    OrderAccepted,
    OrderDenied,
    OrderVoided,
    PrepareOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.values import SECOND, CommandId, Money
from tests.actors.gateway_stage import YES, Gateway, kinds, left_behind, listed, named, started
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    a_book,
    a_fill,
    accepted,
    an_info,
    an_order,
    assigned,
    confirmed,
    intended,
    of,
    retired,
    shares,
    taken,
)


@pytest.fixture
def gateway():
    return started()


def test_it_opens_the_account_and_takes_everything_off_before_anything_else():
    gateway = Gateway()

    assert kinds(gateway.recover()) == ["OpenAccount"]
    assert kinds(gateway.open()) == ["BeatDeadMan"]
    assert kinds(gateway.stream()) == ["TakeAllOff"], "the stream tells how much each of them was filled"


def test_it_does_not_wait_for_long_for_a_user_stream_that_does_not_come():
    gateway = Gateway()
    gateway.recover()
    gateway.open()

    assert not of(TakeAllOff, gateway.watch(0.4))
    assert of(TakeAllOff, gateway.watch(0.1))


def test_where_the_user_stream_is_there_everything_is_taken_off_at_once():
    gateway = Gateway()
    gateway.recover()
    assert gateway.stream() == []

    assert kinds(gateway.open()) == ["BeatDeadMan", "TakeAllOff"]


def test_two_empty_reads_a_second_apart_prove_the_book_empty():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    assert kinds(gateway.read()) == []
    gateway.wait(0.9)
    assert kinds(gateway.read()) == []
    gateway.wait(0.1)

    assert kinds(gateway.read()) == ["BookEmptied", "GatewayStarted"]
    assert gateway.gateway.is_ready


def test_an_order_read_between_them_begins_the_proof_anew():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    assert not of(GatewayStarted, gateway.read(listed("alien")))
    gateway.wait(0.5)
    assert not of(GatewayStarted, gateway.read())
    gateway.wait(1)

    assert of(GatewayStarted, gateway.read())


def test_it_places_nothing_before_the_user_stream_answers_and_what_it_missed_is_read():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.listed()
    gateway.read()
    gateway.wait(1)
    assert kinds(gateway.read()) == ["BookEmptied", "GatewayStarted"]
    gateway.hear(an_info(), a_book(40, 60), taken())
    gateway.keep_alive()
    assert of(OrderDenied, gateway.place("c1"))
    gateway.stream()
    assert kinds(gateway.read(begun_s_ago=0.5)) == []
    assert of(OrderDenied, gateway.place("c2"))
    gateway.read()

    assert of(PrepareOrder, gateway.place("c3"))


def test_it_says_whose_account_it_took_over_and_what_is_in_it():
    gateway = Gateway()
    (begun,) = of(GatewayStarted, gateway.start())

    assert (begun.incarnation, begun.address, begun.funder) == (3, "0xa", "0xf")
    assert begun.collateral == 1_000_000_000


@pytest.mark.parametrize("phase", ["emptying", "open", "stopping"])
def test_orders_it_does_not_know_are_taken_off_whenever_they_are_read(phase):
    gateway = Gateway()
    gateway.start() if phase != "emptying" else (gateway.recover(), gateway.open(), gateway.stream())
    if phase == "stopping":
        gateway.call("stop")

    assert of(TakeOrdersOff, gateway.read(listed("alien"))) == [TakeOrdersOff(orders=(named("alien"),))]


def test_everything_is_taken_off_again_each_second_until_that_is_proven():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    assert not of(TakeAllOff, gateway.watch(0.9))
    assert of(TakeAllOff, gateway.watch(0.1))
    assert not of(TakeAllOff, gateway.watch(0.5))

    assert of(TakeAllOff, gateway.watch(0.5))


def test_the_account_is_read_as_soon_as_it_is_open_and_each_second_until_it_is_taken_over():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert of(ReadAccount, gateway.watch())
    assert not of(ReadAccount, gateway.watch(1)), "one read at a time"
    gateway.read()
    assert of(ReadAccount, gateway.watch(1))


def test_a_refusal_for_good_ends_the_process_as_one_of_credentials():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(AccountRefused(reason="wrong key", final=True))

    assert gateway.gateway.is_finished
    assert gateway.gateway.exit_code == 77


def test_an_account_that_another_process_trades_ends_this_one_as_what_is_in_use():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(AccountRefused(reason="in use by process 7", final=True, in_use=True))

    assert (gateway.gateway.is_finished, gateway.gateway.exit_code) == (True, 75)
    assert gateway.gateway.last_words == "in use by process 7"


def test_a_journal_about_another_wallet_ends_the_process_before_anything_is_touched():
    gateway = Gateway()
    gateway.recover(
        [(GatewayStarted(incarnation=1, address="0xb", funder="0xother", collateral=Money(0)), 1, 1)]
    )

    assert gateway.open() == []
    assert (gateway.actor.is_finished, gateway.actor.exit_code) == (True, 77)
    assert gateway.actor.last_words == "this journal is about the money of 0xother, not of 0xf"


def test_the_same_wallet_takes_over_again():
    gateway = Gateway()
    gateway.recover([(GatewayStarted(incarnation=1, address="0xb", funder="0xf", collateral=Money(0)), 1, 1)])

    assert kinds(gateway.open() + gateway.stream())[:2] == ["BeatDeadMan", "TakeAllOff"]


def test_a_refusal_for_now_is_tried_again_after_a_second():
    gateway = Gateway()
    gateway.recover()
    assert not of(OpenAccount, gateway.watch(2)), "the first try is still under way"
    gateway.hear(AccountRefused(reason="busy", final=False))
    assert not of(OpenAccount, gateway.watch(0.5))
    assert of(OpenAccount, gateway.watch(0.5))
    assert not of(OpenAccount, gateway.watch(2))

    assert of(OpenAccount, gateway.watch(13)), "an answer that never comes is not waited for"
    assert not gateway.gateway.is_finished


def test_a_refusal_that_comes_after_the_account_is_open_changes_nothing(gateway):
    gateway.hear(AccountRefused(reason="of an earlier try", final=True))

    assert not gateway.gateway.is_finished


def test_what_an_earlier_gateway_had_on_its_way_is_unknown_before_the_account_is_touched():
    gateway = left_behind(intended(an_order("c1")), intended(an_order("c2")), accepted(an_order("c2")))

    assert kinds(gateway.said) == ["AnswerLost", "OpenAccount"]
    assert gateway.said[0].command == "c1"
    assert gateway.worst == (0, shares(20)), "both are still reserved"


def test_an_order_of_an_earlier_life_is_taken_off_when_it_appears_however_late():
    gateway = left_behind(intended(an_order("c1")))
    gateway.open()
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    assert of(GatewayStarted, gateway.read())

    said = gateway.read(listed("c1"))
    assert of(OrderAccepted, said)
    assert of(TakeOrdersOff, said) == [TakeOrdersOff(orders=(named("c1"),))]


def test_its_market_takes_no_order_until_it_is_resolved_and_others_do():
    gateway = left_behind(intended(an_order("c1", market=OTHER)))
    gateway.start()
    gateway.hear(retired(OTHER), assigned(OTHER), an_info(OTHER))
    (no,) = of(OrderDenied, gateway.place("c2", market=OTHER, owner=LIQUIDATOR))
    assert no.rule is DenyRule.NOT_READY
    assert of(PrepareOrder, gateway.place("c3"))
    gateway.wait(25)
    gateway.read()

    (voided,) = of(OrderVoided, gateway.read_late())
    assert voided.command == "c1"


def test_instants_of_an_earlier_boot_of_the_host_do_not_keep_orders_open_for_ever():
    gateway = Gateway()
    later = gateway.real + 10**6 * SECOND
    resting, unsent, unknown = an_order("c1"), an_order("c2"), an_order("c3")
    lost = AnswerLost(order=named("c3"), command=CommandId("c3"), market=MARKET, owner=MAKER, reason="")
    events = [intended(resting), accepted(resting), intended(unsent), intended(unknown), lost]
    gateway.recover([(event, gateway.market_time, later) for event in events])
    gateway.open()
    gateway.wait(26)
    gateway.read()
    gateway.read_late()

    assert gateway.open_commands == []


def test_an_intent_of_an_earlier_gateway_that_is_committed_late_is_unknown_too(gateway):
    (lost,) = of(AnswerLost, gateway.hear(intended(an_order("c9"))))
    assert (lost.command, gateway.worst) == ("c9", (0, shares(10)))
    gateway.wait(26)
    gateway.read()

    assert of(OrderVoided, gateway.read_late())[0].command == "c9"


def test_balances_that_are_not_what_the_fills_say_are_told_when_it_takes_over():
    place = an_order("c1")
    fill = a_fill(10, 48, place=place)
    gateway = left_behind(intended(place), accepted(place), fill, confirmed(fill))
    gateway.open()
    (asked,) = of(ReadAccount, gateway.watch())
    assert asked.tokens == (YES,)
    gateway.stream()
    gateway.read(balances=((YES, shares(10)),))
    gateway.wait(1)

    (wrong,) = of(PositionMismatched, gateway.read(balances=((YES, shares(9)),)))
    assert (wrong.believed, wrong.balance) == (shares(10), shares(9))


def test_nothing_is_placed_before_it_has_taken_over():
    gateway = Gateway()
    gateway.recover()
    gateway.hear(an_info())
    (no,) = of(OrderDenied, gateway.place("c1"))

    assert (no.rule, no.reason) == (DenyRule.NOT_READY, "opening the account")


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="read_s"):
        GatewaySettings(read_s=0)
