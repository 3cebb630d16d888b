from messages.risk import Level, TradingPermit
from messages.values import RealNs
from trading.permits import NO_PERMIT, why_not

HALTED = TradingPermit(level=Level.HALT_QUOTES, expires_at=RealNs(10), reason="daily loss")


def test_a_permit_counts_until_it_expires() -> None:
    permit = TradingPermit(level=Level.RUN, expires_at=RealNs(10))

    assert why_not(permit, RealNs(9), Level.RUN) == ""
    assert why_not(permit, RealNs(10), Level.RUN) == "permit expired"
    assert why_not(NO_PERMIT, RealNs(10), Level.RUN) == "no permit"


def test_a_level_allows_what_it_names() -> None:
    assert why_not(HALTED, RealNs(1), Level.RUN) == "HALT_QUOTES: daily loss"
    assert why_not(HALTED, RealNs(1), Level.RUN, Level.HALT_QUOTES) == ""
