import pytest

from messages.market import FeedStatus
from messages.values import SECOND, RealNs
from tests.factories import MARKET, a_book, an_info
from trading.sight import Sight


def status(*, live: bool = True, at: int = 0) -> FeedStatus:
    return FeedStatus(
        market=MARKET, live=live, verified_at=RealNs(at), reason="" if live else "sequence lost"
    )


def trouble(*states: object, now: int = SECOND) -> str:
    sight = Sight()
    for state in states:
        sight.note(state)  # type: ignore[arg-type]
    return sight.trouble(MARKET, RealNs(now), since=RealNs(0), patience_ns=10 * SECOND)


def test_a_verified_book_may_be_acted_on_however_old_it_is() -> None:
    assert trouble(a_book(seen_at=0), an_info(), status(at=99 * SECOND), now=100 * SECOND) == ""


@pytest.mark.parametrize(
    ("states", "now", "why"),
    [
        ([], 1, "waiting for the feed"),
        ([], 11, "feed silent"),
        ([status(), an_info()], 1, "waiting for the feed"),
        ([a_book(), an_info(), status(live=False)], 1, "feed: sequence lost"),
        ([a_book(), an_info(), status()], 3, "feed stale"),
        ([a_book(), status()], 1, "constants of the market not known"),
    ],
)
def test_otherwise_it_says_why_not(states: list[object], now: int, why: str) -> None:
    assert trouble(*states, now=now * SECOND) == why
