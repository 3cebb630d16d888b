"""`python -m control`: exit codes 0 done, 1 refused, 2 usage, 4 not reached, 5 risk latched."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
from cyclopts import App, CycloptsError, Parameter

from control import trail
from control.client import Answer, Unreachable, ask
from messages.risk import Level

DONE, REFUSED, USAGE, NOT_REACHED, LATCHED = 0, 1, 2, 4, 5

app = App(
    name="python -m control",
    help="Ask a running system to halt, to resume, how it is, what became of an order, or to see to a market.",
    help_epilogue="Exit codes: 0 done, 1 refused, 2 usage, 4 not reached, 5 trading is halted (status).",
    help_format="plaintext",
)

State = Annotated[Path, Parameter(help="State directory of the system.")]
Reason = Annotated[str, Parameter(help="Why, for the journal.")]
Market = Annotated[str, Parameter(help="The market: its slug or its condition id.")]
Timeout = Annotated[float, Parameter(help="Seconds to wait for the answer.")]
Json = Annotated[bool, Parameter(help="The answer as one JSON object.", negative="")]


@app.command
def halt(
    *, state: State = Path("state"), reason: Reason = "", timeout: Timeout = 3.0, json: Json = False
) -> int:
    """Cancel every order and place none until resumed."""
    return tell(state, "halt", reason, timeout, json)


@app.command
def resume(
    *, state: State = Path("state"), reason: Reason = "", timeout: Timeout = 3.0, json: Json = False
) -> int:
    """Lift the halts whose causes are gone."""
    return tell(state, "resume", reason, timeout, json)


@app.command
def status(*, state: State = Path("state"), timeout: Timeout = 3.0, json: Json = False) -> int:
    """Say how everything stands."""
    return tell(state, "status", "", timeout, json)


@app.command
def liquidate(
    market: Market,
    /,
    *,
    state: State = Path("state"),
    reason: Reason = "",
    timeout: Timeout = 3.0,
    json: Json = False,
) -> int:
    """Hand a market in which something is held, and which nobody trades, to a liquidator of its own."""
    return tell(state, "liquidate", reason, timeout, json, market)


@app.command
def accept(
    market: Market,
    /,
    *,
    state: State = Path("state"),
    reason: Reason,
    timeout: Timeout = 3.0,
    json: Json = False,
) -> int:
    """Take what the venue says of a paused market for true, and let it go on."""
    return tell(state, "accept", reason, timeout, json, market)


@app.command
def order(
    name: Annotated[str, Parameter(help="Its hash, the beginning of it, or its command's id.")],
    /,
    *,
    state: State = Path("state"),
    timeout: Timeout = 3.0,
    json: Json = False,
) -> int:
    """Tell the whole life of one order, however long ago it was."""
    try:
        answer = ask(state, "order", "", timeout, order=trail.named(name))
    except Unreachable as error:
        sys.stderr.write(f"{error}\n")
        return NOT_REACHED
    if json:
        sys.stdout.write(f"{order_object(answer)}\n")
    elif answer.order is not None:
        sys.stdout.writelines(f"{printable(line)}\n" for line in trail.lines(answer.order))
    if answer.order is None and not json:
        sys.stderr.write(f"{printable(answer.text)}\n")
    return DONE if answer.order is not None else REFUSED


def order_object(answer: Answer) -> str:
    """One order for scripts: prices, sizes and money in millionths, spans in nanoseconds."""
    found = msgspec.to_builtins({"ok": answer.ok, "text": answer.text, "order": answer.order})
    if answer.order is not None:
        found["order"]["latency"] = dict(answer.order.latency)
        found["order"]["slippage"] = dict(answer.order.slippage)
    return json.dumps(found, indent=2)


def tell(state: Path, op: str, reason: str, timeout: float, as_json: bool, market: str = "") -> int:
    """Ask, print the answer, and say by the exit code what it was."""
    try:
        answer = ask(state, op, reason, timeout, market)
    except Unreachable as error:
        hint = f"; to stop it without an answer: touch {state / 'KILL_SWITCH'}" if op == "halt" else ""
        sys.stderr.write(f"{error}{hint}\n")
        return NOT_REACHED
    if as_json:
        sys.stdout.write(f"{json.dumps(as_object(answer), indent=2)}\n")
    else:
        show(answer, op)
    if not answer.ok:
        return REFUSED
    return LATCHED if op == "status" and answer.level is not Level.RUN else DONE


def as_object(answer: Answer) -> dict[str, object]:
    """The answer for scripts; these keys stay."""
    return {
        "ok": answer.ok,
        "text": answer.text,
        "level": answer.level,
        "orders_resting": answer.orders_resting,
        "market": answer.market,
        "actors": answer.actors,
        "details": answer.details,
    }


def show(answer: Answer, op: str) -> None:
    """The answer for people."""
    if answer.text:
        (sys.stdout if answer.ok else sys.stderr).write(f"{answer.text}\n")
    elif op != "status":
        (sys.stdout if answer.ok else sys.stderr).write(f"{op}: {'done' if answer.ok else 'refused'}\n")
    if op == "status" and answer.ok:
        found = list(rows(answer))
        width = max(len(name) for name, _ in found)
        sys.stdout.writelines(f"{printable(name):<{width}}  {printable(value)}\n" for name, value in found)


def rows(answer: Answer) -> Iterator[tuple[str, str]]:
    """Name and value of each line of the status."""
    yield "level", str(answer.level or "unknown")
    yield "market", answer.market or "none"
    yield "orders resting", str(answer.orders_resting)
    yield from answer.details.items()
    yield from answer.actors.items()


def printable(text: str) -> str:
    """One line that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Entry point."""
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(NOT_REACHED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has read enough
        sys.exit(DONE)
    sys.exit(code if isinstance(code, int) else DONE)


if __name__ == "__main__":
    main()
