"""Market data that goes away, or freezes: no quote without it, and back by itself."""

import pytest

pytestmark = pytest.mark.slow

QUOTED = "Two-sided quote rests"
HASTE = {
    "EVERMAKER__FEED__WITNESS_S": "1",
    "EVERMAKER__FEED__DOUBT_S": "0.5",
    "EVERMAKER__FEED__STREAM__FIRST_WAIT_S": "0.02",
    "EVERMAKER__FEED__STREAM__MAX_WAIT_S": "0.1",
    "EVERMAKER__FEED__STREAM__PROBE_S": "1",
}


def details(system):
    return dict(system.status()["details"])


def quotes_again(system):
    """Both sides rest, on a market of which books are live."""

    def does():
        return system.status()["orders_resting"] >= 2 and " 0 of " not in details(system)["market data"]

    system.until(does, 60, "quote after the trouble")


def test_a_venue_whose_market_data_goes_away_or_freezes_is_not_quoted_and_quoted_again_by_itself(house):
    system = house("--speed", "20", **HASTE)
    system.until_said(QUOTED)

    system.goes_wrong(kind="ws_disconnect", channels=["market"], clock="real", **{"for": 600})
    system.until_said("MARKET DATA PAUSED - HALT_QUOTES: paused after 10 connections without a book")
    system.until(lambda: details(system)["engine"] == "PAUSED", 10, "pause of the engine")
    system.until(lambda: system.status()["orders_resting"] == 0, 10, "empty book")
    assert "probe every 1 s" in details(system)["market data trouble"]

    system.is_mended("ws_disconnect")
    system.until_said("books come again, the pause is over")
    quotes_again(system)
    system.until(lambda: details(system)["engine"] == "RUNNING", 10, "engine that runs")
    assert details(system)["market data"].startswith("connected, ")

    system.goes_wrong(kind="ws_freeze", channels=["market"], clock="real", **{"for": 600})
    system.until_said("came when it was asked for, a new connection is made")
    quotes_again(system)

    assert system.stop() == 0
    assert "Traceback" not in system.text()
