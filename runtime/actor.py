"""The contract of an actor: read off its signatures when its module is imported."""

from __future__ import annotations

import inspect
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from messages.base import Message
from messages.values import SECOND, CommandId, MarketNs, RealNs, RoleName

Method = TypeVar("Method", bound=Callable[..., Any])
_MARK = "__evermaker_mark__"


class ContractError(TypeError):
    """A signature does not say what a handler's must; raised at import."""


class Timer(msgspec.Struct, frozen=True):
    """A method called again and again, by real or by market time."""

    method: str
    period_ns: int
    market: bool


class Contract(msgspec.Struct, frozen=True):
    """What a class handles and what it says."""

    handlers: dict[type[Message], str]
    timers: tuple[Timer, ...]
    emitted: frozenset[type[Message]]
    recovered: str | None
    drained: str | None
    stopping: str | None
    streams: tuple[str, ...]


def handles(method: Method) -> Method:
    """Mark a handler: its one parameter's type is what it handles, its return type what it says."""
    setattr(method, _MARK, ("handles", None))
    return method


def every(*, real_s: float | None = None, market_s: float | None = None) -> Callable[[Method], Method]:
    """Mark a method called every so many seconds of one of the two clocks."""
    if (real_s is None) == (market_s is None):
        raise ContractError("every() takes either real_s or market_s")
    seconds = real_s if real_s is not None else market_s
    assert seconds is not None
    timer = Timer("", round(seconds * SECOND), market_s is not None)

    def mark(method: Method) -> Method:
        setattr(method, _MARK, ("every", timer))
        return method

    return mark


def recovered(method: Method) -> Method:
    """Mark the method called once when the replay is through; what it says leaves."""
    setattr(method, _MARK, ("recovered", None))
    return method


def drained(method: Method) -> Method:
    """Mark the method called whenever nothing more waits in the mailbox."""
    setattr(method, _MARK, ("drained", None))
    return method


def stopping(method: Method) -> Method:
    """Mark the method called once when the actor is asked to come to a clean end."""
    setattr(method, _MARK, ("stopping", None))
    return method


def runs(method: Method) -> Method:
    """Mark a port's own stream: an async generator that runs as long as the port."""
    setattr(method, _MARK, ("runs", None))
    return method


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _message_types(annotation: Any, where: str) -> tuple[type[Message], ...]:
    found = _members(annotation)
    for member in found:
        if not (isinstance(member, type) and issubclass(member, Message)):
            raise ContractError(f"{where}: {member!r} is no message")
    return found


def _said(hints: dict[str, Any], where: str) -> tuple[type[Message], ...]:
    if "return" not in hints:
        raise ContractError(f"{where}: the return type is part of the contract")
    returned = hints["return"]
    if returned is type(None):
        return ()
    if get_origin(returned) not in (Iterator, AsyncIterator):
        raise ContractError(f"{where}: returns None or Iterator[messages], not {returned!r}")
    return _message_types(get_args(returned)[0], where)


def read_contract(cls: type) -> Contract:
    """Read what a class handles and says off its marked methods. Raises ContractError."""
    handlers: dict[type[Message], str] = {}
    timers: list[Timer] = []
    emitted: set[type[Message]] = set()
    once: dict[str, str | None] = {"recovered": None, "drained": None, "stopping": None}
    streams: list[str] = []
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        mark = getattr(method, _MARK, None)
        if mark is None:
            continue
        where = f"{cls.__module__}.{cls.__qualname__}.{name}"
        hints = get_type_hints(method)
        emitted.update(_said(hints, where))
        parameters = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
        what, timer = mark
        if what == "handles":
            if len(parameters) != 1 or parameters[0].name not in hints:
                raise ContractError(f"{where}: a handler takes one typed message")
            for kind in _message_types(hints[parameters[0].name], where):
                if kind in handlers:
                    raise ContractError(f"{where}: {kind.__name__} is handled by {handlers[kind]} already")
                handlers[kind] = name
            continue
        if parameters:
            raise ContractError(f"{where}: takes nothing")
        if what == "every":
            timers.append(Timer(name, timer.period_ns, timer.market))
        elif what == "runs":
            streams.append(name)
        elif once[what] is not None:
            raise ContractError(f"{where}: {once[what]} is marked @{what} already")
        else:
            once[what] = name
    return Contract(
        handlers,
        tuple(timers),
        frozenset(emitted),
        once["recovered"],
        once["drained"],
        once["stopping"],
        tuple(streams),
    )


class Actor:
    """Decides. Plain Python: no socket, thread, clock or file; what it needs is set here by its host."""

    contract: ClassVar[Contract]
    role: RoleName = RoleName("actor")
    incarnation: int = 0
    run: int = 0
    now: MarketNs = MarketNs(0)
    """Market time of the call being handled."""
    real_now: RealNs = RealNs(0)
    """Real time of the call being handled."""
    unacknowledged: int = 0
    """Events said that the journal has not acknowledged yet."""
    journal_lag_ns: int = 0
    """Real time since the oldest of them was said."""
    is_ready: bool = True
    """Recovered and consistent; the supervisor is told when it turns true."""
    is_stopped: bool = True
    """After `@stopping`: nothing is left to do and the process may end."""
    is_finished: bool = False
    """Its work is done and the process may end; few ever are."""
    exit_code: int = 0
    """What the process ends with after a clean stop."""
    last_words: str = ""
    """Why it ends with another code than 0; logged, and told by the supervisor."""
    _commands: int = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.contract = read_contract(cls)

    def new_command(self) -> CommandId:
        """A command id nobody else ever uses."""
        self._commands += 1
        return CommandId(f"{self.role}@{self.incarnation}.{self.run:x}.{self._commands}")

    def handle(self, message: Message) -> list[Message]:
        """What follows from one message. A handler that raises has said nothing."""
        said = getattr(self, self.contract.handlers[type(message)])(message)
        return [] if said is None else list(said)

    def call(self, method: str) -> list[Message]:
        """What one marked method says."""
        said = getattr(self, method)()
        return [] if said is None else list(said)
