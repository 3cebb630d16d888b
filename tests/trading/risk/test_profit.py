from messages.risk import LossDayBegan
from messages.values import SECOND, MarketNs, Money, Side
from tests.factories import MARKET, OTHER, a_book, a_fill, cents, reversed_
from trading.risk.profit import LossDay, ProfitAndLoss, day_of


def test_holdings_are_marked_at_the_mid_and_keep_the_last_mark() -> None:
    pnl = ProfitAndLoss()
    pnl.note(a_fill(10, 50, fee=1_000))
    assert pnl.profit().unrealized == -1_000
    assert not pnl.is_marked

    assert pnl.mark(a_book(59, 61))
    assert not pnl.mark(a_book(None, 61))

    profit = pnl.profit()
    assert (profit.realized, profit.unrealized, profit.fees) == (0, 1_000_000 - 1_000, 1_000)
    assert profit.equity == 999_000
    assert pnl.is_marked


def test_before_a_book_the_last_fill_is_the_mark() -> None:
    pnl = ProfitAndLoss()
    pnl.note(a_fill(10, 50))
    pnl.note(a_fill(10, 40))

    assert pnl.mark_of(MARKET) == cents(40)
    assert pnl.profit().equity == -1_000_000


def test_a_market_without_a_fill_needs_no_mark() -> None:
    assert not ProfitAndLoss().mark(a_book(market=OTHER))


def test_a_reversed_fill_earned_nothing() -> None:
    pnl = ProfitAndLoss()
    sale = a_fill(10, 60, side=Side.ASK, outcome=None)
    pnl.note(a_fill(10, 50))
    pnl.note(sale)
    pnl.mark(a_book(54, 56))
    assert pnl.profit().equity == 1_000_000

    pnl.note(reversed_(sale))
    assert pnl.profit().equity == 500_000


def test_days_are_utc_and_go_one_way() -> None:
    day = LossDay()
    noon = MarketNs(1_700_049_600 * SECOND)
    assert day_of(noon) == "2023-11-15"
    assert day.is_over(noon)
    assert not day.is_over(MarketNs(0))

    day.hear(LossDayBegan(day="2023-11-15", equity=Money(-5)))
    day.hear(LossDayBegan(day="2023-11-14", equity=Money(0)))

    assert not day.is_over(noon)
    assert not day.is_over(MarketNs(1_600_000_000 * SECOND))
    assert day.equity == -5
