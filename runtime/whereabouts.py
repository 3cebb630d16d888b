"""Where a running system is to be found from outside: its state directory says where its sockets are."""

from __future__ import annotations

from pathlib import Path

POINTER = Path("run") / "sockets"
"""Inside the state directory: one line, the directory of the ipc sockets."""


class NotThere(FileNotFoundError):
    """No system runs with this state directory; one line that names it."""


def find_endpoint(state: Path, name: str) -> str:
    """The ZeroMQ address of an endpoint (`tel`, `ctl` …). Raises NotThere."""
    pointer = state / POINTER
    try:
        directory = pointer.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotThere(f"nothing runs with state directory {state} ({pointer} cannot be read)") from error
    if not directory:
        raise NotThere(f"nothing runs with state directory {state} ({pointer} is empty)")
    return f"ipc://{directory}/{name}"
