"""`python -m telemetry.watch`: attach to a running system and print what it says."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import zmq
from cyclopts import App, CycloptsError, Parameter

from runtime.whereabouts import NotThere, find_endpoint
from telemetry.outlet import printable
from telemetry.readable import Telemetry, decode_telemetry, readable

TOLD = ("line.", "state.MakerStatus", "state.LossStatus", "state.LiquidationStatus")
"""What is printed when nothing else is asked for."""
LOOK_S = 0.5
CALM_S = 1.0
"""A state that changes more often is printed once in so many seconds."""
NOT_REACHED = 4

app = App(
    name="python -m telemetry.watch",
    help="Print what a running system says, as it says it. Waits for the system to appear. Ctrl-C ends it.",
    help_format="plaintext",
)


@app.default
def watch(
    *,
    state: Path = Path("state"),
    topic: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")] = TOLD,
    json: Annotated[bool, Parameter(negative="")] = False,
    count: int | None = None,
    wait: float | None = None,
) -> int:
    """Print what a running system says.

    Parameters
    ----------
    state
        State directory of the system.
    topic
        Only topics that begin so: event. (facts), state. (how things are), line. (words), or longer; all for all.
    json
        One JSON object a line, with its topic, instead of words.
    count
        End after so many lines.
    wait
        Give up with exit code 4 when nothing was heard for so many seconds.
    """
    subscriber = Subscriber(state, tuple("" if name == "all" else name for name in topic))
    printed = 0
    try:
        for line in lines(subscriber.messages(wait), json):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            printed += 1
            if printed == count:
                return 0
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    finally:
        subscriber.close()
    sys.stderr.write(f"nothing heard from the system in {state} for {wait:g} s\n")
    return NOT_REACHED


def lines(messages: Iterator[tuple[str, bytes]], as_json: bool) -> Iterator[str]:
    """The lines to print; what is no telemetry is passed over."""
    calm = Calm()
    for topic, frame in messages:
        try:
            message = decode_telemetry(frame)
        except ValueError:
            continue
        if as_json:
            yield _json.encode({"topic": topic, **msgspec.structs.asdict(message)}).decode()
            continue
        text = printable(readable(topic, message))
        if calm.passes(topic, text, time.monotonic()):
            yield f"{_clock(message)}  {text}"


class Calm:
    """Passes every line but those of a state that says the same, or too much."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, float]] = {}

    def passes(self, topic: str, text: str, now: float) -> bool:
        """Whether to print it."""
        if not topic.startswith("state."):
            return True
        said, at = self._last.get(topic, ("", -CALM_S))
        if said == text or now - at < CALM_S:
            return False
        self._last[topic] = (text, now)
        return True


class Subscriber:
    """A SUB socket that finds its publisher by the state directory, and finds it again after a restart."""

    def __init__(self, state: Path, prefixes: tuple[str, ...]) -> None:
        self._state = state
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        for prefix in prefixes:
            self._socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
        self._endpoint = ""

    def messages(self, wait: float | None) -> Iterator[tuple[str, bytes]]:
        """Topic and body of each message; ends when nothing came for `wait` seconds."""
        heard = time.monotonic()
        hinted = False
        while wait is None or time.monotonic() - heard < wait:
            self._connect()
            if self._socket.poll(round(LOOK_S * 1_000)):
                frames = self._socket.recv_multipart()
                heard, hinted = time.monotonic(), True
                if len(frames) == 2:
                    yield frames[0].decode("utf-8", "replace"), frames[1]
            elif not hinted and time.monotonic() - heard >= 2 * LOOK_S:
                hinted = True
                sys.stderr.write(
                    f"waiting for the system in {self._state} (python supervisor.py starts it) ...\n"
                )

    def close(self) -> None:
        """Let go of the socket."""
        self._context.destroy(linger=0)

    def _connect(self) -> None:
        try:
            endpoint = find_endpoint(self._state, "tel")
        except NotThere:
            return
        if endpoint != self._endpoint:
            if self._endpoint:
                self._socket.disconnect(self._endpoint)
            self._socket.connect(endpoint)
            self._endpoint = endpoint


_json = msgspec.json.Encoder()


def _clock(message: Telemetry) -> str:
    return message.market_time[11:19] or "--:--:--"


def main() -> None:
    """Entry point; a wrong command line is exit code 2."""
    try:
        code = app(exit_on_error=False, result_action="return_value")
    except CycloptsError:
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
