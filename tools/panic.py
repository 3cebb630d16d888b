"""`python -m tools.panic`: stop trading without the system's help.

Needs neither its processes nor its sockets nor its journal: makes the kill-switch file, then cancels every
order of the account at the venue and reads back until none is left.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

EMPTY, USAGE, NOT_EMPTY, NOT_REACHED = 0, 2, 3, 4
APART_S = 1.0
"""Two readings without an order, so far apart, prove the book empty."""

app = App(
    name="python -m tools.panic",
    help="Make the kill-switch file, cancel every order at the venue, and see that none is left.",
    help_epilogue=(
        "With --verify, for a service manager after a stop: no file is made, and nothing is done after an orderly "
        "end. Exit codes: 0 nothing rests, 2 usage or no key, 3 orders may be left, 4 the venue was never reached. "
        "The kill switch stays until a person removes it."
    ),
    help_format="plaintext",
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


def open_client(state: Path) -> Any:
    """The official client with the account's credentials. Raises PanicFailed."""
    try:
        port = int(json.loads((state / "run" / "processes.json").read_text())["port"])
        key = (state / "sim.key").read_text().strip()
    except (OSError, ValueError, KeyError) as error:
        raise PanicFailed(f"{state} holds no account to cancel orders of: {error}") from error
    from py_clob_client_v2.client import ClobClient  # a second to import, so after the switch is on

    logging.disable(logging.CRITICAL)  # what the client would say is said here, in one voice
    client = ClobClient(f"http://127.0.0.1:{port}", 137, key=key)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


def empty_book(
    client: Any, deadline: float, now: Callable[[], float], sleep: Callable[[float], None]
) -> bool:
    """Cancel and read back until two readings `APART_S` apart show no order, or the time is over."""
    from py_clob_client_v2.exceptions import PolyApiException

    empty_since: float | None = None
    while now() < deadline:
        try:
            client.cancel_all()
            left = len(client.get_open_orders())
        except PolyApiException as error:
            empty_since = None
            say(f"the venue says {error.status_code or 'nothing'}, trying again")
        else:
            say(f"{left} orders are open")
            if left:
                empty_since = None
            elif empty_since is None:
                empty_since = now()
            elif now() - empty_since >= APART_S:
                return True
        sleep(0.5)
    return False


@app.default
def panic(
    *,
    state: Annotated[Path, Parameter(help="State directory of the system.")] = Path("state"),
    timeout: Annotated[float, Parameter(help="Seconds to keep trying.")] = 30.0,
    verify: Annotated[
        bool, Parameter(help="Leave the kill switch alone, only see to the orders.", negative="")
    ] = False,
) -> int:
    """Switch off, cancel, verify."""
    from py_clob_client_v2.exceptions import PolyApiException

    deadline = time.monotonic() + timeout
    if verify and not (state / "run" / "processes.json").exists():
        say("the last run came to an orderly end")
        return EMPTY
    if not verify:
        pull_switch(state)
    client = None
    while client is None and time.monotonic() < deadline:
        try:
            client = open_client(state)
        except PolyApiException:
            say("the venue does not answer, trying again")
            time.sleep(0.5)
    if client is None:
        say("the venue was never reached: its dead-man switch takes orders off when the system stops beating")
        return NOT_REACHED
    if empty_book(client, deadline, time.monotonic, time.sleep):
        say("nothing rests")
        return EMPTY
    say("orders may be left: try again, or let the venue's dead-man switch take them off")
    return NOT_EMPTY


def main(arguments: list[str] | None = None) -> int:
    """Entry point; the exit code."""
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return USAGE
    except PanicFailed as error:
        say(str(error))
        return USAGE
    return code if isinstance(code, int) else EMPTY


if __name__ == "__main__":
    sys.exit(main())
