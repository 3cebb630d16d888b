import json
import re
from pathlib import Path

import msgspec
import pytest

from actors.alert import AlertActor, AlertSettings
from messages import ALL_EVENTS, ALL_STATES
from messages.account import AccountStatus, BookEmptied, GatewayStarted, PositionMismatched
from messages.liquidation import (
    ExitCompleted,
    LiquidationStatus,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
)
from messages.market import BookSnapshot, FeedStatus, MarketInfo
from messages.orders import (
    AnswerLost,
    FillReversed,
    OrderAccepted,
    OrderDenied,
    OrderFilled,
    OrderRejected,
)
from messages.risk import LossDayBegan, LossStatus, TradingHalted, TradingResumed
from messages.system import (
    ActorExited,
    ActorStarted,
    Announce,
    ClockAnchor,
    EngineChanged,
    FactPublished,
    JournalHead,
    MakerStatus,
    Severity,
    TelemetryUpdate,
)
from messages.values import SECOND, MarketNs, RealNs
from messages.wallet import MarketPaused, MarketResumed, PositionFound

MARKET, ORDER = "0x" + "ab" * 32, "0x" + "cd" * 32
SLUG = "mlb-nyy-bos"
START = 1_000 * SECOND


def an(kind, **fields):
    """A message of that kind, the fields that do not matter here filled in."""
    known = {
        "market": MARKET,
        "slug": SLUG,
        "order": ORDER,
        "command": "maker@1.1",
        "owner": "maker",
        "side": "bid",
        "price": 630_000,
        "size": 10_000_000,
        "exit": "x1",
        "reason": "",
        "trade": "t1",
        "outcome": "yes",
        "action": "buy",
        "fee": 0,
        "matched_at": 0,
        "sent_at": 0,
        "net": 0,
        "left": 0,
        "liquidator": "liquidator:abababab",
        "tick": 10_000,
        "seen_at": 0,
        "verified_at": 0,
        "quoting": True,
        "incarnation": 2,
        "collateral": 1_000_000_000,
    }
    wanted = {field.encode_name for field in msgspec.structs.fields(kind)}
    return msgspec.convert({k: v for k, v in (known | fields).items() if k in wanted}, kind)


class Desk:
    """An AlertActor and everything it has said."""

    def __init__(self, settings=None):
        self.actor = AlertActor(settings or AlertSettings())
        self.actor.now, self.actor.real_now = MarketNs(1_750_000_000_123 * 10**6), RealNs(START)
        self.said = self.actor.call("begin")

    def hears(self, *messages):
        said = [reply for message in messages for reply in self.actor.handle(message)]
        self.said += said
        return [reply.text for reply in said if isinstance(reply, Announce)]

    def waits(self, seconds):
        self.actor.real_now = RealNs(int(self.actor.real_now) + round(seconds * SECOND))
        said = self.actor.call("tell_status")
        self.said += said
        return [reply.text for reply in said if isinstance(reply, Announce)]


@pytest.fixture
def desk():
    return Desk()


def a_quote(**fields):
    return an(MakerStatus, **({"mid": 650_000, "bid": 630_000, "ask": 670_000} | fields))


RETIRED = an(MarketRetired, reason="position_limit", net=20_000_000)
SHORT = an(LiquidationStatus, stage="passive", net=-10_500_000, average_cost=None, floor=None, quote=450_000)

PHRASES = {
    "[Orchestrator] Position limit hit on: {market}": (
        [RETIRED],
        "[Orchestrator] Position limit hit on: mlb-nyy-bos",
    ),
    "[Orchestrator] Added to liquidation queue (N total)": (
        [RETIRED],
        "[Orchestrator] Added to liquidation queue (1 total)",
    ),
    "[Orchestrator] Starting liquidation management timer (every 30s)": (
        [RETIRED, an(LiquidatorAssigned)],
        "[Orchestrator] Starting liquidation management timer (every 30s)",
    ),
    "[Liquidation] Managing N liquidation market(s)...": (
        [RETIRED, 301],
        "[Liquidation] Managing 1 liquidation market(s)...",
    ),
    "[Liquidation] {market} | Stage=passive | NetExp=+10.50 | Quote: SELL YES @ $0.55": (
        [RETIRED, msgspec.structs.replace(SHORT, net=10_500_000, quote=550_000)],
        "[Liquidation] mlb-nyy-bos | Stage=passive | NetExp=+10.50 | Quote: SELL YES @ $0.55",
    ),
    "[Liquidation] ✓ {market} - Position closed": (
        [RETIRED, an(ExitCompleted)],
        "[Liquidation] ✓ mlb-nyy-bos - Position closed",
    ),
    "[Liquidation] N market(s) completed liquidation": (
        [RETIRED, an(ExitCompleted)],
        "[Liquidation] 1 market(s) completed liquidation",
    ),
    "Fill detected": ([an(OrderFilled)], "Fill detected: BUY 10 @ 0.63 on "),
    "Inventory:": ([an(MarketTaken), an(OrderFilled, side="ask")], "Inventory: mlb-nyy-bos -10.00"),
    "Daily P&L reset": (
        [an(LossDayBegan, day="2025-06-19", equity=-1_250_000)],
        "Daily P&L reset: 2025-06-19 begins at -$1.25",
    ),
    "Position found in the wallet: +10.00 of {market}": (
        [an(PositionFound, net=10_000_000)],
        "Position found in the wallet: +10.00 of mlb-nyy-bos - python -m control liquidate mlb-nyy-bos",
    ),
    "{market} is dirty and paused: …": (
        [an(MarketPaused, cause="drift", reason="two books differ")],
        "mlb-nyy-bos is dirty and paused: two books differ - look at it, then python -m control accept mlb-nyy-bos",
    ),
    "{market} goes on: …": (
        [an(MarketResumed, reason="sold by hand", by="ann")],
        "mlb-nyy-bos goes on: sold by hand (by ann)",
    ),
    "GLOBAL DAILY LOSS LIMIT EXCEEDED": (
        [an(TradingHalted, cause="daily_loss", level="HALT_QUOTES", reason="lost $50.00 of $50.00")],
        "GLOBAL DAILY LOSS LIMIT EXCEEDED - HALT_QUOTES: lost $50.00 of $50.00",
    ),
    "Gapped market detected": (
        [an(MakerStatus, quoting=False, reason="gapped: spread 0.80")],
        "Gapped market detected: mlb-nyy-bos: gapped: spread 0.80",
    ),
    "post_only rejected": (
        [an(OrderRejected, reason="order crosses book")],
        "post_only rejected: BUY on ",
    ),
    "Failed to place BUY": ([an(OrderRejected, reason="not enough balance")], "Failed to place BUY on "),
    "Got initial mid: 0.65": ([a_quote()], "Got initial mid: 0.65"),
    "Mid moved 0.01 - requoting": (
        [a_quote(), a_quote(mid=660_000, bid=640_000, ask=680_000)],
        "Mid moved 0.01 - requoting",
    ),
    "Mid: 0.65 -> Bid: 0.63, Ask: 0.67": ([a_quote()], "Mid: 0.65 -> Bid: 0.63, Ask: 0.67"),
    "Placed BUY @ 0.63: <id>": ([an(OrderAccepted)], f"Placed BUY @ 0.63: {ORDER}"),
    "[DRY RUN] Order: BUY 10 @ 0.63": ([an(OrderDenied, rule="dry_run")], "[DRY RUN] Order: BUY 10 @ 0.63"),
    "Feed unhealthy - cancelling quotes": (
        [an(MakerStatus, quoting=False, reason="feed is silent")],
        "Feed unhealthy - cancelling quotes: mlb-nyy-bos: feed is silent",
    ),
    "No midpoint available": (
        [an(MakerStatus, quoting=False, reason="no mid: one side is empty")],
        "No midpoint available: mlb-nyy-bos",
    ),
    "Position X at limit - skipping BUY": (
        [an(OrderFilled, size=20_000_000), an(OrderDenied, rule="exposure")],
        "Position 20 at limit - skipping BUY",
    ),
    "Starting market maker for {market}...": ([an(MarketTaken)], "Starting market maker for mlb-nyy-bos..."),
    "Waiting for market data...": ([an(EngineChanged, state="STARTING")], "Waiting for market data..."),
    "Market maker running. Press Ctrl+C to stop.": (
        [an(EngineChanged, state="RUNNING")],
        "Market maker running. Press Ctrl+C to stop.",
    ),
    "Stop requested...": ([an(EngineChanged, state="STOPPING")], "Stop requested..."),
    "Shutting down market maker...": ([an(EngineChanged, state="STOPPING")], "Shutting down market maker..."),
    "Cancelling all orders...": ([an(EngineChanged, state="STOPPING")], "Cancelling all orders..."),
    "Market maker stopped.": ([an(EngineChanged, state="STOPPED")], "Market maker stopped."),
}


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_documents_phrases_are_said_word_for_word(desk, phrase):
    heard, said = PHRASES[phrase]

    for message in heard:
        lines = desk.waits(message) if isinstance(message, int) else desk.hears(message)

    assert any(line.startswith(said) for line in lines), lines


def test_the_page_of_phrases_lists_exactly_those_that_are_tested():
    page = (Path(__file__).parents[2] / "docs" / "logs.md").read_text()

    listed = re.findall(r"^\| `(.+?)` \|", page.split("## Phrases")[1], re.MULTILINE)
    assert {phrase.replace("\\|", "|") for phrase in listed} == set(PHRASES)


def test_it_hears_every_event_and_every_state_that_is_not_plumbing():
    plumbing = {ClockAnchor, FactPublished, JournalHead, TelemetryUpdate}

    assert set(AlertActor.contract.handlers) == set(ALL_EVENTS) | set(ALL_STATES) - plumbing | {Announce}


def test_an_event_is_telemetry_under_its_kind_with_its_body_and_its_time(desk):
    desk.hears(an(OrderFilled))

    update = next(u for u in desk.said if isinstance(u, TelemetryUpdate))
    body = json.loads(update.body)
    assert update.topic == "event.OrderFilled"
    assert body["market"] == MARKET
    assert body["at"] == 1_000_000
    assert body["market_time"] == "2025-06-15T15:06:40.123Z"
    assert body["body"]["price"] == 630_000


def test_a_state_has_its_market_in_its_topic(desk):
    desk.hears(
        an(BookSnapshot, bids=[], asks=[]),
        an(LossStatus, realized=0, unrealized=0, fees=0, day="", day_net=0, max_daily_loss=0),
    )

    assert [u.topic for u in desk.said] == [f"state.BookSnapshot.{MARKET}", "state.LossStatus"]


def test_what_people_read_is_telemetry_too(desk):
    desk.hears(an(MarketTaken))

    assert [u.topic for u in desk.said if isinstance(u, TelemetryUpdate)] == [
        "event.MarketTaken",
        "line.INFO",
        "line.INFO",
    ]


def test_the_same_line_is_said_once_in_its_span_and_then_with_the_number_kept_back(desk):
    status = an(MakerStatus, quoting=False, reason="feed is silent")
    live = a_quote(quoting=True)

    first = desk.hears(status)
    second = desk.hears(live, status, live, status)
    desk.waits(31)
    third = desk.hears(live, status)

    assert len([line for line in first if "unhealthy" in line]) == 1
    assert not [line for line in second if "unhealthy" in line]
    assert "Feed unhealthy - cancelling quotes: mlb-nyy-bos: feed is silent (+2 more)" in third


def test_no_fill_is_ever_kept_back(desk):
    lines = desk.hears(*(an(OrderFilled, trade=f"t{n}") for n in range(50)))

    assert sum(line.startswith("Fill detected") for line in lines) == 50
    assert sum(line.startswith("Inventory:") for line in lines) == 50


def test_without_switching_the_maker_says_which_side_it_skips(desk):
    lines = desk.hears(
        an(OrderFilled, side="ask", size=20_000_000),
        an(MakerStatus, quoting=False, reason="position limit", net=-20_000_000),
    )

    assert lines[-1] == "Position -20 at limit - skipping SELL"


def test_what_is_over_in_a_moment_is_not_said_and_leaving_is_no_alarm(desk):
    passing = an(MakerStatus, quoting=False, reason="orders are on their way")
    leaving = an(MakerStatus, quoting=False, reason="leaving: position limit")
    without = an(MakerStatus, market="", slug="", quoting=False, reason="no market is free to be quoted")

    assert desk.hears(passing, leaving, without) == [
        "Not quoting mlb-nyy-bos: leaving: position limit",
        "Not quoting: no market is free to be quoted",
    ]


def test_a_short_is_sold_in_terms_of_no(desk):
    lines = desk.hears(RETIRED, SHORT)

    assert "[Liquidation] mlb-nyy-bos | Stage=passive | NetExp=-10.50 | Quote: SELL NO @ $0.55" in lines


def test_an_exit_without_a_quote_says_why(desk):
    lines = desk.hears(RETIRED, msgspec.structs.replace(SHORT, quote=None, reason="book is not live"))

    assert lines[-1].endswith("Quote: none (book is not live)")


def test_a_liquidation_that_did_not_change_is_not_repeated(desk):
    desk.hears(RETIRED, SHORT)

    assert desk.hears(SHORT) == []


def test_a_crash_and_a_failed_engine_are_louder_than_a_clean_end(desk):
    desk.hears(
        an(ActorExited, role="feed", code=0, restarts=0), an(ActorExited, role="maker", code=-9, restarts=1)
    )
    desk.hears(an(EngineChanged, state="ERROR", reason="the journal is gone"))

    assert [(a.severity, a.text) for a in desk.said if isinstance(a, Announce)] == [
        (Severity.INFO, "feed ended (exit code 0)"),
        (Severity.WARNING, "maker ended (signal 9) - restart 1"),
        (Severity.ERROR, "Engine ERROR: the journal is gone"),
    ]


def test_what_the_venue_takes_is_said_when_it_changes(desk):
    def status(**fields):
        return an(AccountStatus, ready=True, resting=2, unknown=0, **fields)

    down = status(venue="down", venue_reason="the venue is restarting")
    assert desk.hears(status(), down) == ["The venue is down: the venue is restarting"]
    assert desk.hears(down) == []

    assert desk.hears(status()) == ["The venue takes everything again"]


def test_the_status_line_comes_at_its_interval_and_says_how_everything_stands(desk):
    desk.hears(an(EngineChanged, state="RUNNING", mode="sim"), an(MarketTaken), an(OrderFilled), a_quote())
    desk.hears(an(AccountStatus, ready=True, resting=2, unknown=0))
    desk.hears(
        an(
            LossStatus,
            realized=1_500_000,
            unrealized=-250_000,
            fees=0,
            day="d",
            day_net=1_250_000,
            max_daily_loss=1,
        )
    )

    assert desk.waits(299) == []
    (line,) = desk.waits(2)
    assert line.startswith(
        "Status: RUNNING (sim) | mlb-nyy-bos 0.63/0.67 +10.00 | P&L $1.25 (today $1.25) | 2 resting"
    )
    assert line.endswith("1 fills, 0 liquidating, 0 restarts")
    assert desk.waits(1) == []


def test_after_a_restart_old_events_are_known_but_only_a_halt_that_stands_is_said_again():
    desk = Desk()
    halt = an(TradingHalted, cause="operator", level="FREEZE", reason="lunch")
    for event in (RETIRED, an(OrderFilled), halt):
        desk.actor.handle(event)

    said = [a.text for a in desk.actor.call("begin") if isinstance(a, Announce)]

    assert said == ["Trading is halted by operator: lunch"]
    assert desk.hears(an(MarketRetired, exit="x2", market="0x2", slug="b", reason="market_closed"))[-1] == (
        "[Orchestrator] Added to liquidation queue (2 total)"
    )


def test_a_reversed_fill_is_taken_out_of_the_inventory(desk):
    lines = desk.hears(an(MarketTaken), an(OrderFilled), an(FillReversed, reason="settlement failed"))

    assert lines[-1] == "Inventory: mlb-nyy-bos +0.00"


def test_what_needs_a_look_is_a_warning_or_worse(desk):
    desk.hears(
        an(AnswerLost, reason="timeout"),
        an(PositionMismatched, token="1", believed=10, balance=20),
        an(BookEmptied, when="stop", left=2),
        an(TradingResumed, cause="operator"),
    )

    loud = [a.severity for a in desk.said if isinstance(a, Announce)]
    assert loud == [Severity.WARNING, Severity.WARNING, Severity.CRITICAL, Severity.WARNING]


def test_the_house_says_when_it_came_and_went(desk):
    lines = desk.hears(
        an(ActorStarted, role="maker", pid=7),
        an(GatewayStarted, address="0x" + "1" * 40, funder="0x" + "1" * 40),
        an(BookEmptied, when="stop", left=0),
    )

    assert lines == [
        "maker started (pid 7, incarnation 2)",
        "Gateway has the account 0x1111111111…: nothing rests, every fill is known, $1000.00 free",
        "No order rests at stop: read twice",
    ]


def test_a_status_of_the_market_just_left_does_not_make_the_new_one_begin_again(desk):
    desk.hears(an(MarketTaken), a_quote(), an(MarketTaken, market="0xb", slug="b"))

    lines = desk.hears(
        a_quote(market="0xb", slug="b"), a_quote(quoting=False), a_quote(market="0xb", slug="b")
    )

    assert [line for line in lines if "initial" in line] == ["Got initial mid: 0.65"]


def test_a_gateway_that_stops_on_purpose_is_no_alarm(desk):
    ready = an(AccountStatus, ready=True, resting=2, unknown=0)
    not_ready = msgspec.structs.replace(ready, ready=False, reason="user stream lost")

    assert desk.hears(ready, not_ready) == ["Gateway places no orders: user stream lost"]
    desk.hears(ready, an(EngineChanged, state="STOPPING"))
    assert desk.hears(not_ready) == []


@pytest.mark.parametrize("ours", [an(MarketTaken), RETIRED])
def test_a_feed_that_was_live_and_is_not_is_said_of_what_we_trade(desk, ours):
    desk.hears(an(MarketInfo, question="?", yes="1", no="2", min_size=5_000_000))
    silent = an(FeedStatus, live=False, reason="silent")

    assert desk.hears(an(FeedStatus, live=False, reason="no book yet")) == []
    desk.hears(an(FeedStatus, live=True))
    assert desk.hears(silent) == [], "nobody trades it"
    desk.hears(an(FeedStatus, live=True), ours)
    assert desk.hears(silent) == ["Feed is not live for mlb-nyy-bos: silent"]


def test_a_line_another_actor_wants_read_is_said_once_in_a_while(desk):
    line = Announce(severity=Severity.WARNING, text="market data stream lost")

    assert desk.hears(line) == ["market data stream lost"]
    assert desk.hears(line) == []
