"""The fault catalogue as data: what may go wrong in a simulated run, how it is switched on, and what it does."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class How(StrEnum):
    """What a fault's rate means."""

    CHANCE = "chance"
    """The probability at each opportunity."""
    WINDOW = "window"
    """Mean seconds from the end of one spell to the beginning of the next; a spell lasts `lasts_s` on average."""
    MOMENT = "moment"
    """Mean seconds between two strokes."""


class Room(StrEnum):
    """Where it strikes."""

    PROCESS = "process"
    MESSAGE = "message"
    DISK = "disk"
    TIME = "time"
    REQUEST = "request"
    ACCOUNT = "account"
    SETTLEMENT = "settlement"
    USER_STREAM = "user stream"
    MARKET_STREAM = "market stream"
    MARKET = "market"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    id: str
    """As in the table of docs/simulation.md; a letter tells variants apart."""
    room: Room
    how: How
    rate: float
    """See `How`; what a run draws is between a fifth of this severity and all of it."""
    lasts_s: float = 0.0
    what: str


def _rows(room: Room, *rows: tuple[str, How, float, float, str]) -> tuple[Fault, ...]:
    return tuple(
        Fault(id=id_, room=room, how=how, rate=rate, lasts_s=lasts_s, what=what)
        for id_, how, rate, lasts_s, what in rows
    )


C, W, M = How.CHANCE, How.WINDOW, How.MOMENT
FAULTS: tuple[Fault, ...] = (
    *_rows(
        Room.PROCESS,
        ("F01", M, 45, 0, "the gateway is killed, wherever it is in an order's way out or in a cancel"),
        ("F11", C, 0.3, 0, "a replay is slow, so that live words arrive in the middle of it"),
        (
            "F12",
            M,
            90,
            0,
            "persistence is killed, before, in or after a commit, with appends not acknowledged",
        ),
        ("F15", M, 90, 0, "risk is killed: permits lapse"),
        ("F17", M, 60, 0, "the maker is killed in the middle of quoting or of a hand-over"),
        ("F19", M, 200, 3, "the supervisor is held up, perhaps in the middle of a hand-over"),
        ("F21", M, 60, 0, "a liquidator is killed at any step"),
        ("F22", M, 90, 0, "the feed is killed"),
        ("F23", M, 150, 0, "alert is killed"),
        ("F24", M, 600, 0, "the supervisor is killed: everybody ends, a new one begins"),
        ("F24b", M, 600, 0, "the exchange's process is killed"),
        ("F25", M, 400, 0, "everything is killed at once"),
        ("F29", M, 150, 5, "a process hangs until it is killed for it"),
        ("F32", M, 900, 40, "the supervisor hangs, so long that it is taken for dead or not"),
        ("F33", M, 100, 2, "a process hangs and comes back just before it would be killed"),
        ("F121", M, 60, 0, "a trader has gone mad and wants what it must not, again and again"),
    ),
    *_rows(
        Room.MESSAGE,
        ("F43", C, 0.1, 0, "a frame between two processes is lost"),
        ("F44", C, 0.1, 0, "a frame comes twice"),
        ("F45", C, 0.05, 3, "a link is held up"),
        ("F46", W, 120, 3, "a subscriber misses everything that is published for a while"),
    ),
    *_rows(
        Room.DISK,
        ("F94", M, 900, 0, "the disk is full"),
        ("F95", M, 900, 0, "the disk refuses to sync"),
        ("F99", C, 0.002, 3, "a sync takes seconds"),
    ),
    *_rows(
        Room.TIME,
        ("F102", M, 300, 0, "the wall clock jumps an hour either way"),
        ("F103", M, 600, 30, "the host is suspended"),
    ),
    *_rows(
        Room.REQUEST,
        ("F56", C, 0.03, 0, "a request never arrives; the client gives up after its timeout"),
        ("F57", C, 0.03, 0, "a request is done and its answer is lost"),
        ("F58a", C, 0.02, 0, "500, 502 or 520, and nothing was done"),
        ("F58b", C, 0.02, 0, "500, 502 or 520, and it was done"),
        ("F59", W, 300, 20, "the engine restarts: 425 for a while, then post-only mode"),
        ("F60", C, 0.02, 0, "429 with Retry-After, nothing was done"),
        ("F61", C, 0.03, 20, "a request is throttled: done late, up to 20 s, whether or not anybody waits"),
        ("F61b", C, 0.01, 20, "a read or a beat is held back: done late, up to 20 s"),
        ("F62", W, 200, 8, "the cancel bucket is empty: cancels are answered with 429"),
        ("F63a", W, 300, 10, "cancel-only mode"),
        ("F63b", W, 400, 6, "trading is disabled: neither orders nor cancels"),
        ("F64", W, 1500, 5, "our credentials are refused: 401 or 403"),
        ("F65", C, 0.01, 0, "an order is taken and its answer says it is a duplicate"),
        ("F79", W, 400, 15, "the venue's clock is ten seconds ahead of ours"),
        ("F80", C, 0.02, 0, "the connection is reset under a request, done or not"),
        ("F80b", C, 0.02, 0, "no connection: nothing left"),
        ("F81", C, 0.01, 0, "200 with a web page in the place of JSON; it was done"),
    ),
    *_rows(
        Room.ACCOUNT,
        ("F66", C, 0.05, 0, "a cancel is answered with `not_canceled` although it took the order off"),
        (
            "F67",
            C,
            0.2,
            0,
            "an order is partly filled just before its cancel, and the stream does not say so",
        ),
        ("F68", C, 0.3, 0, "cancel-all is answered well and leaves two orders"),
        ("F69a", C, 0.1, 3, "the list of open orders is as it was three seconds ago"),
        ("F69b", C, 0.1, 0, "the list of open orders lacks one"),
        ("F69c", C, 0.3, 0, "lists come in small pages, and a page is late"),
        ("F69d", C, 0.1, 3, "an order asked for by its name is as it was three seconds ago"),
        ("F70a", C, 0.2, 0, "rows of trades come twice"),
        ("F70b", C, 0.1, 0, "rows of trades of orders that still rest are missing"),
        ("F70e", C, 0.2, 4.5, "rows of trades are listed up to 4.5 s late, whatever became of their orders"),
        ("F70c", C, 0.2, 0, "rows of trades come in another order"),
        ("F70d", C, 0.1, 0, "a row of a trade cannot be read"),
        ("F73", M, 200, 0, "somebody trades on our account by other means"),
        ("F73b", M, 200, 0, "somebody rests an order on our account by other means"),
        ("F75", W, 300, 6, "balances are shown as nothing, and orders are refused for it"),
        ("F77a", M, 1500, 0, "somebody else beats with our key"),
        ("F77b", C, 0.05, 0, "a beat is taken and its answer is lost"),
        ("F78", W, 200, 20, "the heartbeat endpoint answers 500"),
    ),
    *_rows(
        Room.SETTLEMENT,
        ("F71a", C, 0.03, 0, "a match fails at once: MATCHED, then FAILED"),
        ("F71b", C, 0.03, 0, "a match is tried again and fails after all, forty seconds later"),
        ("F72", C, 0.1, 0, "a match goes through RETRYING before it is confirmed"),
    ),
    *_rows(
        Room.USER_STREAM,
        ("F91", C, 0.5, 0, "a word of the user stream is lost"),
        ("F91b", W, 120, 15, "the user stream is frozen and answers pings"),
        ("F91c", W, 120, 2, "the user stream is cut"),
        ("F91d", C, 0.1, 0, "a word of the user stream comes twice"),
        ("F91e", C, 0.1, 2, "a word of the user stream comes late, behind later ones"),
        ("F91g", C, 0.3, 0, "a cancellation on the user stream does not say how much was filled"),
        ("F91f", C, 0.02, 0, "a frame of the user stream cannot be read"),
    ),
    *_rows(
        Room.MARKET_STREAM,
        ("F82", W, 150, 15, "the market stream says nothing and answers pings"),
        ("F82b", W, 150, 3, "the market stream is cut"),
        ("F83", W, 150, 10, "the market stream is five seconds slow"),
        ("F84a", C, 0.05, 0, "changes of a book come in another order"),
        ("F84b", C, 0.05, 0, "changes of a book come twice"),
        ("F84c", C, 0.02, 0, "a change of a book is lost"),
        ("F85a", C, 0.02, 0, "a crossed book is said"),
        ("F85b", M, 200, 4, "a side of the book is empty"),
        ("F81b", C, 0.01, 0, "a frame of the market stream cannot be read"),
        ("F81c", C, 0.1, 0, "the list of markets cannot be read"),
    ),
    *_rows(
        Room.MARKET,
        ("F86", M, 240, 0, "the price grid of a market changes"),
        ("F88", M, 400, 0, "a market stops taking orders while it is quoted"),
        ("F89", M, 400, 0, "a market is resolved while its tokens are held"),
        ("F90", C, 0.5, 20, "the list of markets says only later that one has ended"),
        ("F92", M, 150, 0, "the price jumps by 31 cents at once"),
        ("F93", M, 200, 30, "takers come from one side only, in every market"),
    ),
)
BY_ID: dict[str, Fault] = {fault.id: fault for fault in FAULTS}
