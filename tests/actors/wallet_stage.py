"""A gateway's wallet and what others do with it."""

from messages.account import ReadAccount, Settlement
from messages.values import MarketId, OrderId, Outcome, Price, TokenId
from messages.wallet import AcceptPosition, HeldPosition
from tests.actors.gateway_stage import NO, YES, Gateway, a_leg
from tests.factories import MARKET, OTHER, an_info, of, shares, taken

ALIEN = OrderId("0xalien")
LATER = 1_700_000_100_000_000_000
STRANGE = TokenId("77")


def a_position(**changes) -> HeldPosition:
    """Ten YES of another market, bought by somebody else at 30 cents and worth 40."""
    values = {
        "market": OTHER,
        "slug": "slug-other",
        "token": STRANGE,
        "outcome": Outcome.YES,
        "size": shares(10),
        "price": Price(300_000),
        "mark": Price(400_000),
    }
    return HeldPosition(**{**values, **changes})


def bought(gateway: Gateway, size: float = 10) -> None:
    """Ten YES, settled."""
    gateway.rest("c1", size=shares(size))
    gateway.legs(a_leg("c1", size, status=Settlement.CONFIRMED, at=LATER))


def looked(gateway: Gateway, after_s: float, **balances: float):
    """The account is read with the balances it asks for; those not named are what we believe."""
    gateway.keep_alive()
    (asked,) = of(ReadAccount, gateway.watch(after_s))
    held = gateway.gateway.account.inventories[MARKET]
    believed = {YES: held.held(Outcome.YES), NO: held.held(Outcome.NO)}
    said = {TokenId(name.removeprefix("t")): shares(size) for name, size in balances.items()}
    answer = tuple((token, (believed | said).get(token, shares(0))) for token in asked.tokens)
    return gateway.read(balances=answer)


def looked_twice(gateway: Gateway, after_s: float, **balances: float):
    """The same again some seconds later: only then a person's acceptance writes a difference down."""
    first = looked(gateway, after_s, **balances)
    return first + looked(gateway, 5, **balances)


def accept(gateway: Gateway, market: MarketId = MARKET) -> None:
    gateway.hear(AcceptPosition(market=market, reason="sold by hand", by="ann"))


def at_start(*positions: HeldPosition, balances=(), legs=(), journal=None) -> tuple[Gateway, list]:
    """A gateway that takes the account over, and what it said."""
    gateway = Gateway()
    said = gateway.recover(journal) + gateway.open() + gateway.stream()
    said += gateway.listed(*positions) + gateway.watch(0.3) + gateway.read(legs=legs, balances=balances)
    gateway.wait(1)
    said += gateway.read(balances=balances)
    gateway.hear(an_info(), taken())
    return gateway, said + gateway.keep_alive()
