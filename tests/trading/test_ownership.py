import msgspec

from messages.liquidation import ExitCompleted
from messages.values import ExitId, Shares
from tests.factories import LIQUIDATOR, MAKER, MARKET, OTHER, assigned, retired, taken
from trading.ownership import Ownership


def completed(number: int = 1) -> ExitCompleted:
    return ExitCompleted(exit=ExitId(f"{MARKET}#{number}"), market=MARKET, slug="s", left=Shares(0))


def after(*facts: object) -> Ownership:
    ownership = Ownership()
    for fact in facts:
        ownership.note(fact)  # type: ignore[arg-type]
    return ownership


def test_a_market_goes_from_maker_to_liquidator_to_nobody() -> None:
    ownership = after(taken())
    assert ownership.market_of(MAKER) == MARKET
    assert not ownership.is_free(MARKET)

    ownership.note(retired())
    assert ownership.market_of(MAKER) is None
    assert not ownership.is_free(MARKET)

    ownership.note(assigned())
    assert ownership.market_of(LIQUIDATOR) == MARKET

    ownership.note(completed())
    assert ownership.is_free(MARKET)
    assert ownership.market_of(LIQUIDATOR) is None


def test_who_takes_a_market_has_left_the_one_before() -> None:
    ownership = after(taken(), taken(OTHER))

    assert ownership.market_of(MAKER) == OTHER
    assert ownership.is_free(MARKET)


def test_who_takes_a_market_that_was_handed_over_at_the_same_moment_has_none() -> None:
    ownership = after(retired(), taken())
    assert ownership.market_of(MAKER) is None
    ownership.note(assigned())

    assert ownership.market_of(LIQUIDATOR) == MARKET


def test_each_exit_of_a_market_has_its_own_name() -> None:
    ownership = after(taken(), retired(), retired())
    assert ownership.next_exit(MARKET) == f"{MARKET}#2"

    for fact in (completed(), completed(), taken(), retired(number=2)):
        ownership.note(fact)
    assert ownership.next_exit(MARKET) == f"{MARKET}#3"
    assert ownership.next_exit(OTHER) == f"{OTHER}#1"


def test_words_about_another_exit_change_nothing() -> None:
    ownership = after(taken(), retired(), assigned(number=7), completed(7))

    assert ownership.exits == {MARKET: f"{MARKET}#1"}
    assert ownership.market_of(LIQUIDATOR) is None


def test_an_exit_told_again_after_its_end_is_not_opened_again() -> None:
    ownership = after(taken(), retired(), completed(), msgspec.structs.replace(retired(), slug="other"))

    assert ownership.is_free(MARKET)
