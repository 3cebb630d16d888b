"""What traders do in a market that is paused: nothing, until a person accepted it."""

from actors.maker import MakerSettings
from messages.liquidation import ExitCompleted, MarketRetired, MarketTaken, RetireReason
from messages.orders import CancelMarket, PlaceOrder
from messages.values import Money, Outcome, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from tests.actors.liquidator_stage import holding
from tests.actors.maker_stage import quoting
from tests.factories import MARKET, OTHER, a_fill, canceled, completed, confirmed, of

PAUSED = MarketPaused(
    market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="two books differ", amount=Money(1)
)
RESUMED = MarketResumed(market=MARKET, slug="s", reason="seen")


def test_the_maker_leaves_it_with_nothing_resting_and_earns_elsewhere() -> None:
    stage, bid, ask = quoting()
    said = stage.hear(PAUSED)
    assert of(CancelMarket, said)
    assert of(MarketRetired, said) == []
    said = stage.hear(canceled(bid), canceled(ask))

    (left,) = of(MarketRetired, said)
    assert (left.market, left.reason) == (MARKET, RetireReason.PAUSED)
    assert [each.market for each in of(MarketTaken, said)] == [OTHER]


def test_without_switching_the_maker_waits_in_it_and_goes_on_after() -> None:
    stage, bid, ask = quoting(MakerSettings(enable_switching=False))
    said = stage.hear(PAUSED, canceled(bid), canceled(ask))
    assert of(MarketRetired, said) == []
    assert of(PlaceOrder, stage.book(49, 51)) == []
    assert stage.status().reason == "two books differ"

    assert len(of(PlaceOrder, stage.hear(RESUMED))) == 2


def test_the_maker_does_not_take_a_market_that_is_paused() -> None:
    stage, bid, ask = quoting()
    other = MarketPaused(market=OTHER, slug="s", cause=PauseCause.FOREIGN_FILL, reason="why")
    said = stage.hear(other, PAUSED, canceled(bid), canceled(ask))

    assert of(MarketRetired, said)
    assert of(MarketTaken, said) == []


def test_a_liquidator_takes_its_order_off_and_goes_on_when_it_is_accepted() -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    assert of(CancelMarket, stage.hear(PAUSED))
    assert of(PlaceOrder, stage.hear(canceled(place)) + stage.book(54, 56) + stage.call("watch")) == []
    assert stage.status().reason == "two books differ"

    assert of(PlaceOrder, stage.hear(RESUMED))


def test_a_liquidator_is_not_done_while_it_is_not_sure_what_is_held() -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    sale = a_fill(20, 55, side=Side.ASK, outcome=Outcome.YES, place=place)
    stage.hear(PAUSED, sale, confirmed(sale), completed(place))
    stage.wait(10)
    stage.keep_alive()
    assert of(ExitCompleted, stage.call("watch")) == []

    (done,) = of(ExitCompleted, stage.hear(RESUMED))
    assert done.left == 0
