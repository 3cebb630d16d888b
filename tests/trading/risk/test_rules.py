import msgspec
import pytest

from messages.values import MICRO, Money, Shares, Side, Size
from tests.factories import a_book, cents, shares
from trading.quoting import Quote
from trading.risk import DailyLoss, GappedBook, Given, PositionLimit, RiskLimits, admitted
from trading.visible import visible

QUOTE = Quote(mid=cents(50), bid=cents(48), ask=cents(52), size=shares(10))


def given(bid: float | None = 48, ask: float | None = 52, net: float = 0) -> Given:
    return Given(book=visible(a_book(bid, ask)), min_size=shares(5), net=Shares(round(net * MICRO)))


def test_a_gapped_book_is_never_quoted() -> None:
    quote = admitted(QUOTE, given(10, 90), RiskLimits())

    assert quote.is_empty
    assert quote.reason == "gapped book: spread 0.80 > 0.08"


def test_eight_cents_are_not_a_gap_and_a_missing_side_is_another_rules_business() -> None:
    assert GappedBook().denies(Side.BID, given(46, 54)) == ""
    assert GappedBook().denies(Side.BID, given(46, 54.1)) != ""
    assert GappedBook().denies(Side.BID, given(None, 54)) == ""


@pytest.mark.parametrize(("net", "bid", "ask"), [(49.99, 1, 1), (50, 0, 1), (-50, 1, 0), (-73, 1, 0)])
def test_reaching_the_limit_denies_the_growing_side_alone(net: float, bid: int, ask: int) -> None:
    quote = admitted(QUOTE, given(net=net), RiskLimits())

    assert (quote.bid is not None, quote.ask is not None) == (bool(bid), bool(ask))
    assert PositionLimit().is_reached(Shares(round(net * MICRO))) == (abs(net) >= 50)


def test_a_side_nobody_wants_needs_no_reason() -> None:
    quote = admitted(Quote(reason="one-sided book"), given(net=50), RiskLimits())

    assert quote.reason == "one-sided book"


def test_reaching_the_daily_loss_trips() -> None:
    rule = DailyLoss()

    assert rule.trips(Money(-49_999_999)) == ""
    assert rule.trips(Money(-50_000_000)) == "daily loss $50.00 of $50.00"


def test_limits_are_sections_and_nonsense_is_refused() -> None:
    limits = msgspec.convert({"position_limit": {"max_net": 20_000_000}}, RiskLimits)

    assert limits.position_limit.max_net == Size(20 * MICRO)
    assert limits.gapped_book == GappedBook()
    for wrong in ({"position_limit": {"max_net": 0}}, {"daily_loss": {"max_loss": -1}}, {"gaped_book": {}}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, RiskLimits)
