"""What the exchange does wrong meanwhile: one entry is posted to its side door at a time (docs/faults.md)."""

from __future__ import annotations

MISHAPS: tuple[dict[str, object], ...] = (
    {"kind": "stall", "seconds": 2.5, "probability": 0.5, "routes": ["POST /order*"], "for": 6},
    {"kind": "delayed_ack", "seconds": 0.8, "probability": 0.5, "for": 6},
    {"kind": "drop_answer", "routes": ["POST /order*", "DELETE /*"], "probability": 0.3, "for": 6},
    {"kind": "html_403", "for": 2},
    {"kind": "html_502", "accepted": True, "routes": ["POST /order*"], "probability": 0.3, "for": 6},
    {"kind": "http_500", "accepted": True, "routes": ["POST /order*"], "probability": 0.3, "for": 6},
    {"kind": "http_429", "retry_after": 1, "probability": 0.3, "for": 4},
    {"kind": "unknown_answer", "probability": 0.2, "for": 6},
    {"kind": "stale_book", "seconds": 5, "for": 10},
    {"kind": "ws_lost", "probability": 0.1, "for": 10},
    {"kind": "ws_duplicate", "probability": 0.3, "for": 10},
    {"kind": "ws_reorder", "frames": 2, "probability": 0.2, "for": 10},
    {"kind": "ws_freeze", "channels": ["user"], "for": 8},
    {"kind": "ws_freeze", "channels": ["market"], "for": 8},
    {"kind": "lost_user_event", "probability": 0.5, "for": 10},
    {"kind": "delayed_user_event", "seconds": 2, "probability": 0.5, "for": 10},
    {"kind": "ghost_fill", "probability": 0.3, "for": 20},
    {"kind": "balance_lag", "seconds": 30, "for": 10},
    {"kind": "ws_disconnect", "channels": ["user"], "for": 3},
    {"kind": "ws_disconnect", "channels": ["market"], "for": 3},
    {"kind": "restart", "down": 2, "post_only": 2},
    {"kind": "cancel_only", "for": 3},
    {"kind": "post_only", "for": 5},
    {"kind": "refuse_connection", "for": 3},
)
"""Times are real seconds; each is over before long, so that the system can show that it comes back."""


def scripted(number: int, entry: dict[str, object]) -> dict[str, object]:
    """The entry as the side door takes it, under a name of its own, so that its dice are its own too."""
    return {**entry, "name": f"chaos {number}", "clock": "real"}
