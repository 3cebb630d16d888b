"""Whatever the venue loses, delays or repeats: what may happen to us is never more than what is allowed."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gateway import GatewayActor, GatewaySettings
from messages.orders import OrderFilled, OrderIntended
from messages.values import MarketNs, RealNs
from tests.actors.gateway_stage import Gateway
from tests.actors.small_venue import HAPPENINGS, SmallVenue
from tests.factories import MARKET, plain
from trading.orders import Status
from trading.risk.gate import GateLimits

CAP = GateLimits().cap
AS_WRITTEN = {Status.SENT: Status.INTENDED, Status.CANCELING: Status.RESTING}
"""What an order's status is by facts alone."""

stories = st.lists(
    st.tuples(st.integers(0, len(HAPPENINGS) - 1), st.integers(0, 10_000)), min_size=20, max_size=150
)
thorough = settings(max_examples=120)


def played(story: list[tuple[int, int]], check: Any) -> SmallVenue:
    """A venue to which all this happened, looked at after each step."""
    venue = SmallVenue()
    venue.begin()
    assert venue.stage.gateway.is_ready
    for happening, choice in story:
        HAPPENINGS[happening](venue, choice)
        check(venue)
    return venue


def durable(gateway: GatewayActor) -> dict[str, Any]:
    """What of a gateway must follow from the journal alone."""
    account = gateway.account
    known = {o.order: gateway.table.get(o.order) for o in of_intents(gateway)}
    return {
        "orders": {
            identity: (order.filled, AS_WRITTEN.get(order.status, order.status))
            for identity, order in known.items()
            if order is not None
        },
        "inventories": plain(account.inventories),
        "cursor": account.cursor,
        "unsettled": account.unsettled,
        "tokens": account.tokens.ours,
        "owners": gateway.ownership.owners,
    }


def of_intents(gateway: GatewayActor) -> list[OrderIntended]:
    """Every intent the gateway remembers."""
    return [order.intended for order in (*gateway.table, *gateway.table._closed.values())]


def replayed(stage: Gateway) -> GatewayActor:
    """A gateway that knows the journal and nothing else."""
    actor = GatewayActor(GatewaySettings())
    for event, market, real in stage.journal:
        if type(event) in actor.contract.handlers:
            actor.now, actor.real_now = MarketNs(market), RealNs(real)
            actor.handle(event)
    return actor


@given(stories)
@thorough
def test_exposure_stays_in_its_bounds_and_no_live_order_is_forgotten(story):
    def check(venue: SmallVenue) -> None:
        table = venue.stage.gateway.table
        low, high = venue.worst
        assert low >= -CAP
        assert high <= CAP
        assert venue.live <= {order.id for order in table}
        held = venue.stage.gateway.account.inventories[MARKET].net
        believed = table.worst(MARKET, held)
        assert believed[0] <= venue.position <= believed[1]

    played(story, check)


@given(stories)
@thorough
def test_replaying_the_journal_gives_what_the_gateway_holds(story):
    venue = played(story, lambda venue: None)
    fills = [(e.trade, e.order) for e, _, _ in venue.stage.journal if isinstance(e, OrderFilled)]

    assert len(fills) == len(set(fills))
    assert durable(replayed(venue.stage)) == durable(venue.stage.gateway)


@given(stories)
@thorough
def test_when_all_is_quiet_the_gateway_knows_exactly_what_the_venue_has(story):
    venue = played(story, lambda venue: None)
    for _ in range(4):
        venue.settle()
    gateway = venue.stage.gateway

    assert gateway.is_ready
    assert venue.live == {order.id for order in gateway.table}
    assert gateway.account.inventories[MARKET].net == venue.position
    assert not [order for order in gateway.table if order.status is not Status.RESTING]


@given(stories)
@thorough
def test_a_stop_that_ends_well_leaves_nothing_on_the_book_or_on_its_way(story):
    venue = played(story, lambda venue: None)
    venue.heard(venue.stage.call("stop"))
    for choice in range(40):
        if venue.stage.gateway.is_stopped:
            break
        venue.tick(5)
        for happens in (venue.take_off, venue.read, venue.arrive, venue.read, venue.deliver, venue.deliver):
            happens(choice)

    assert venue.stage.gateway.is_stopped
    assert venue.stage.gateway.exit_code == 3 or venue.live == set()
