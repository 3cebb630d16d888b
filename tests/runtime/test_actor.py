"""The contract of an actor is its signatures, and what does not fit is refused at import."""

from collections.abc import Iterator

import pytest

from messages.orders import CancelAll, CancelMarket, OrderFilled
from messages.system import JournalHead, Roster
from messages.values import MarketId, RoleName
from runtime.actor import Actor, ContractError, every, handles, recovered

CANCEL = CancelMarket(market=MarketId("0xaa"), owner=RoleName("maker"))


class Echo(Actor):
    @handles
    def on_cancel(self, cancel: CancelMarket | CancelAll) -> Iterator[JournalHead]:
        yield JournalHead(gseq=1)

    @handles
    def on_fill(self, fill: OrderFilled) -> None:
        raise AssertionError("not in these tests")

    @every(market_s=30)
    def look(self) -> Iterator[Roster | CancelAll]:
        yield CancelAll(reason="time")

    @recovered
    def begin(self) -> None:
        return None


def test_a_contract_is_read_off_the_signatures():
    contract = Echo.contract

    assert {k.__name__: m for k, m in contract.handlers.items()} == {
        "CancelMarket": "on_cancel",
        "CancelAll": "on_cancel",
        "OrderFilled": "on_fill",
    }
    assert contract.emitted == {JournalHead, Roster, CancelAll}
    assert [(t.method, t.market) for t in contract.timers] == [("look", True)]
    assert contract.recovered == "begin"


def test_a_handler_answers_with_the_messages_that_follow():
    assert Echo().handle(CANCEL) == [JournalHead(gseq=1)]
    assert Echo().call("look") == [CancelAll(reason="time")]


def test_command_ids_are_unique_to_role_incarnation_and_run():
    one, other = Echo(), Echo()
    other.incarnation = 2

    assert len({one.new_command(), one.new_command(), other.new_command()}) == 3


def no_return(self, fill: OrderFilled): ...  # the annotation is what is missing


def no_message(self, fill: int) -> None: ...


def odd_return(self, fill: OrderFilled) -> list[JournalHead]: ...


def two(self, a: OrderFilled, b: OrderFilled) -> None: ...


@pytest.mark.parametrize("method", [no_return, no_message, odd_return, two])
def test_a_signature_that_says_too_little_is_refused(method):
    with pytest.raises(ContractError):
        type("Wrong", (Actor,), {"on_it": handles(method)})


def test_a_message_with_two_handlers_is_refused():
    def one(self, fill: OrderFilled) -> None: ...

    def other(self, fill: OrderFilled) -> None: ...

    with pytest.raises(ContractError, match="already"):
        type("Wrong", (Actor,), {"one": handles(one), "other": handles(other)})


def test_a_timer_has_one_clock():
    with pytest.raises(ContractError):
        every()
    with pytest.raises(ContractError):
        every(real_s=1, market_s=1)
