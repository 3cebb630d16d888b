"""Nothing is logged while a world is played: hundreds of processes of a run would fill the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from loguru import logger

TALKERS = ("runtime", "venue")


@contextmanager
def silence() -> Iterator[None]:
    """Our processes' own log lines are dropped meanwhile."""
    for name in TALKERS:
        logger.disable(name)
    try:
        yield
    finally:
        for name in TALKERS:
            logger.enable(name)
