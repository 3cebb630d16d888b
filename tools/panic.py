"""`python -m tools.panic`: stop trading without the system's help.

Needs neither its processes nor its sockets nor its journal: makes the kill-switch file, then cancels every
order of the account at the venue and reads back until none is left. It is for people in a hurry: nothing is imported
that takes long.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from messages.values import RealNs
from venue.polymarket.client import Client, Reply
from venue.polymarket.keys import PrivateKey, Redactor, Wallet
from venue.wire.orders import FIRST_PAGE, LAST_PAGE

EMPTY, USAGE, NOT_EMPTY, NOT_REACHED = 0, 2, 3, 4
APART_S = 1.0
"""Two readings without an order, so far apart, prove the book empty."""
REQUEST_S, PAUSE_S = 5.0, 0.5
"""For one request at most, and between two tries."""
ORDERS = "/data/orders"
CODES = (
    "With --verify, for a service manager after a stop: no file is made, and nothing is done after an orderly "
    "end. Exit codes: 0 nothing rests, 2 usage or no key, 3 orders may be left, 4 the venue was never reached. "
    "The kill switch stays until a person removes it."
)


class PanicFailed(RuntimeError):
    """It cannot even begin; one line."""


def say(text: str) -> None:
    """One line for whoever is in a hurry."""
    sys.stderr.write(f"panic: {text}\n")
    sys.stderr.flush()


def pull_switch(state: Path) -> None:
    """Make the kill-switch file; the running system, if there is one, freezes by it. Raises PanicFailed."""
    path = state / "KILL_SWITCH"
    try:
        if not path.exists():
            path.write_text("panic\n")
    except OSError as error:
        raise PanicFailed(f"{path}: {error.strerror}") from error
    say(f"kill switch is on: {path}")


def account_of(state: Path) -> Client:
    """Whose orders are to be canceled, and where. Raises PanicFailed."""
    try:
        port = int(json.loads((state / "run" / "processes.json").read_text())["port"])
        wallet = Wallet(PrivateKey((state / "sim.key").read_text().strip()))
        return Client(
            f"http://127.0.0.1:{port}",
            137,
            wallet,
            now=lambda: RealNs(time.monotonic_ns()),
            timeout_s=REQUEST_S,
            redact=Redactor(),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PanicFailed(f"{state} holds no account to cancel orders of: {error}") from error


def reach(client: Client, deadline: float) -> bool:
    """Get credentials until there are some, or the time is over."""
    while time.monotonic() < deadline:
        if not isinstance(client.open(), Reply):
            return True
        say("the venue does not answer, trying again")
        time.sleep(PAUSE_S)
    return False


def count_open(client: Client) -> int | Reply:
    """How many orders the venue lists; the answer that kept it from being counted."""
    count, cursor, seen = 0, FIRST_PAGE, set[str]()
    while cursor not in ("", LAST_PAGE) and cursor not in seen:
        seen.add(cursor)
        reply = client.page(ORDERS, {"next_cursor": cursor})
        page = reply.body if reply.status == 200 and isinstance(reply.body, dict) else {}
        rows, cursor = page.get("data"), page.get("next_cursor", LAST_PAGE)
        if not isinstance(rows, list) or not isinstance(cursor, str):
            return reply
        count += len(rows)
    return count


def empty_book(
    client: Client, deadline: float, now: Callable[[], float], sleep: Callable[[float], None]
) -> bool:
    """Cancel and read back until two readings `APART_S` apart show no order, or the time is over."""
    empty_since: float | None = None
    while now() < deadline:
        canceled = client.cancel_all()
        left = count_open(client) if canceled.status == 200 else canceled
        if isinstance(left, Reply):
            empty_since = None
            say(f"the venue says {left.status or 'nothing'}, trying again")
        else:
            say(f"{left} orders are open")
            if left:
                empty_since = None
            elif empty_since is None:
                empty_since = now()
            elif now() - empty_since >= APART_S:
                return True
        sleep(PAUSE_S)
    return False


def panic(state: Path, timeout_s: float, verify: bool) -> int:
    """Switch off, cancel, verify; the exit code. Raises PanicFailed."""
    deadline = time.monotonic() + timeout_s
    if verify and not (state / "run" / "processes.json").exists():
        say("the last run came to an orderly end")
        return EMPTY
    if not verify:
        pull_switch(state)
    client = account_of(state)
    try:
        if not reach(client, deadline):
            say(
                "the venue was never reached: its dead-man switch takes orders off when the system stops beating"
            )
            return NOT_REACHED
        if empty_book(client, deadline, time.monotonic, time.sleep):
            say("nothing rests")
            return EMPTY
    finally:
        client.close()
    say("orders may be left: try again, or let the venue's dead-man switch take them off")
    return NOT_EMPTY


def main(arguments: list[str] | None = None) -> int:
    """Entry point; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.panic",
        description="Make the kill-switch file, cancel every order at the venue, and see that none is left.",
        epilog=CODES,
    )
    parser.add_argument("--state", type=Path, default=Path("state"), help="state directory of the system")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds to keep trying")
    parser.add_argument(
        "--verify", action="store_true", help="leave the kill switch alone, only see to the orders"
    )
    given = parser.parse_args(arguments)
    try:
        return panic(given.state, given.timeout, given.verify)
    except PanicFailed as error:
        say(str(error))
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
