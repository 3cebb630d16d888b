"""Every kind of fault there is; a script names them by their tags."""

from __future__ import annotations

from venue.paper.faults import answers, frames, states

AnyFault = (
    answers.Stall
    | answers.DelayedAck
    | answers.DropAnswer
    | answers.Html403
    | answers.Html502
    | answers.Http500
    | answers.Http429
    | answers.UnknownAnswer
    | answers.SlowRead
    | answers.StaleBook
    | frames.Lost
    | frames.LostUserEvent
    | frames.Duplicate
    | frames.Reorder
    | frames.DelayedUserEvent
    | frames.Freeze
    | states.Restart
    | states.PostOnly
    | states.CancelOnly
    | states.Disabled
    | states.TickChange
    | states.ClockSkew
    | states.BalanceLag
    | states.GhostFill
    | states.Disconnect
    | states.RefuseConnection
)
KINDS: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in AnyFault.__args__)
