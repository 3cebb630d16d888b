"""Starting one OS process: a clean environment, the plan on its standard input, our locks in its hands."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from runtime.process import Plan

PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "COVERAGE_PROCESS_START", "EVERMAKER_CRASH",
)  # fmt: skip
"""Environment names a child inherits; everything else, secrets above all, it does not."""


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """A child's environment: what is allowed, and what it in particular is given."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(extra)


def spawn_child(plan: Plan, keep: Iterable[int], extra: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one of our own processes. The tree lock among `keep` stays held while any child lives.

    A SIGTERM that comes before the child can come to an orderly end is delivered when it can (`process.assemble`).
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "runtime.process", f"{plan.role}@{plan.incarnation}"],
            stdin=subprocess.PIPE,
            pass_fds=tuple(keep),
            env=environment(extra),
            process_group=0,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert process.stdin is not None
    with (
        contextlib.suppress(BrokenPipeError),
        process.stdin as stdin,
    ):  # it has ended already: its exit code says why
        stdin.write(msgspec.json.encode(plan))
    return process


def spawn_program(
    command: list[str], keep: Iterable[int], output: Path, extra: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program that is not on the bus; what it prints goes to a file."""
    with output.open("ab") as sink:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            pass_fds=tuple(keep),
            env=environment(extra),
            process_group=0,
        )
