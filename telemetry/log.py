"""The log of one process: JSON lines in a file, warnings on the terminal too, nobody ever waits for either."""

from __future__ import annotations

import atexit
import logging
import traceback
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
from loguru import logger

from telemetry.outlet import Outlet, RotatingFile, printable, write_all
from telemetry.redact import Redactor

WARNING = 30
_json = msgspec.json.Encoder()


class LogSink:
    """What loguru writes to: a file of JSON lines, and from WARNING on readable lines on the terminal."""

    def __init__(self, role: str, directory: Path, run: str, terminal: int) -> None:
        self._role = role
        self._run = run
        self._redactor = Redactor()
        file = RotatingFile(directory / f"{role.replace(':', '-')}.jsonl")
        self.file = Outlet(f"log of {role}", file.write)
        self.terminal = Outlet("terminal", lambda text: write_all(terminal, text.encode("utf-8", "replace")))

    def write(self, message: Any) -> None:
        """One record of loguru's; only formatted here, written elsewhere."""
        record = message.record
        loud = record["level"].no >= WARNING
        trace = self._redactor.text(_trace(record))
        text = self._redactor.text(record["message"])
        at = record["time"].astimezone(UTC)
        line = {
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record["level"].name,
            "role": self._role,
            "run": self._run,
            "where": f"{record['name']}:{record['line']}",
            "message": text,
            **{f"extra_{name}": self._redactor.field(name, value) for name, value in record["extra"].items()},
        }
        if trace:
            line["exception"] = trace
        self.file.put(_json.encode(line).decode(), loud)
        if loud:
            why = f" | {trace.splitlines()[-1]}" if trace else ""
            words = printable(f"{text}{why}".replace("\n", " | "))
            self.terminal.put(f"{at:%H:%M:%S} {record['level'].name:<8} {self._role}: {words}", loud)

    def stop(self) -> None:
        """Called by loguru when the sink is removed: write what is left, for a second at most."""
        self.file.close(1.0)
        self.terminal.close(0.5)


def configure(role: str, directory: Path, level: str = "INFO", run: str = "", terminal: int = 2) -> None:
    """Send everything this process logs to `<directory>/<role>.jsonl`, and warnings to the terminal as well.

    Libraries that use the standard library's logging are heard from WARNING on. Raises ValueError for a level
    that does not exist; a directory that cannot be written to costs lines, never the process.
    """
    logger.remove()
    logger.add(
        LogSink(role, directory, run, terminal),
        level=level.upper(),
        format="{message}",
        backtrace=False,
        diagnose=False,
        catch=True,
    )
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)
    atexit.register(logger.remove)


class _Intercept(logging.Handler):
    """Hands the standard library's records to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in _LEVELS else record.levelno
        logger.opt(exception=record.exc_info).log(level, "{}: {}", record.name, record.getMessage())


_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


def _trace(record: Any) -> str:
    found = record["exception"]
    if found is None:
        return ""
    return "".join(traceback.format_exception(found.type, found.value, found.traceback)).rstrip()
