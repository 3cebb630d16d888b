"""Readable files beside the journal, replaced whole: a reader sees the old one or the new one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

from messages.system import ViewFailed, WriteView
from runtime.ports import Port, handles

MAX_BYTES = 8 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


class FileViews(Port):
    """Writes views into one directory, one after the other, in the order in which they were wanted."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turn = asyncio.Lock()

    @handles
    async def write(self, view: WriteView) -> AsyncIterator[ViewFailed]:
        """Replace the file. What goes wrong is said; the file before stands."""
        data = view.text.encode()
        if not _NAME.fullmatch(view.name):
            yield ViewFailed(name=view.name, reason="not a plain file name")
            return
        if len(data) > MAX_BYTES:
            yield ViewFailed(name=view.name, reason=f"{len(data)} bytes are over {MAX_BYTES}")
            return
        try:
            async with self._turn:
                await asyncio.to_thread(replace_file, self._directory / view.name, data)
        except OSError as error:
            yield ViewFailed(name=view.name, reason=error.strerror or str(error))


def replace_file(path: Path, data: bytes) -> None:
    """Write beside, make durable, rename over. Readable for its owner alone. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
