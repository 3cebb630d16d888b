"""Who may import whom, as STYLE has it; and that no import goes round in a circle."""

import ast
import functools
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "messages", "trading", "runtime", "actors", "venue", "telemetry", "control", "tools", "simulation",
    "config", "dashboard", "supervisor",
)  # fmt: skip
OURS: dict[str, tuple[str, ...]] = {
    "messages": ("messages",),
    "trading": ("messages", "trading"),
    "runtime": ("messages", "runtime"),
    "actors": ("messages", "trading", "runtime.actor", "runtime.journal"),
    "venue": ("messages", "trading", "runtime.ports", "runtime.locks", "venue"),
    "telemetry": ("messages", "runtime", "telemetry"),
    "control": ("messages", "runtime", "control"),
    "tools": ("messages", "venue.polymarket", "venue.wire", "tools"),
    "simulation": ROOMS,
    "config": ROOMS,
    "supervisor": ROOMS,
}
OTHERS: dict[str, tuple[str, ...]] = {
    "messages": ("msgspec",),
    "trading": ("msgspec",),
    "runtime": ("pykka", "zmq", "loguru", "msgspec", "cyclopts"),
    "actors": ("msgspec",),
    "venue": (
        "websockets", "httpx", "py_clob_client_v2", "uvicorn", "coincurve", "sha3", "cyclopts", "loguru",
        "msgspec", "eth_account", "eth_abi", "eth_utils", "numpy",
    ),
    "telemetry": ("loguru", "msgspec", "zmq", "cyclopts", "rich"),
    "control": ("msgspec", "zmq", "cyclopts", "rich"),
    "tools": (),
    "simulation": ("msgspec", "numpy", "cyclopts", "rich", "loguru"),
    "config": ("msgspec", "cyclopts", "dotenv"),
    "supervisor": ("msgspec", "cyclopts", "loguru"),
}  # fmt: skip
PURE_BANS = frozenset(
    {"time", "random", "uuid", "threading", "asyncio", "socket", "secrets", "os", "subprocess"}
)


def files(room: str) -> list[Path]:
    single = ROOT / f"{room}.py"
    return [single] if single.is_file() else sorted((ROOT / room).rglob("*.py"))


@functools.cache
def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == a or name.startswith(f"{a}.") or a.startswith(f"{name}.") for a in allowed)


@pytest.mark.parametrize("room", sorted(OURS))
def test_a_room_imports_only_what_its_row_of_the_table_allows(room):
    wrong = []
    for path in files(room):
        for name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names:
                continue
            allowed = OURS[room] if top in ROOMS else OTHERS[room]
            if not within(name, allowed):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")

    assert wrong == []


def test_actors_never_import_each_other():
    for path in files("actors"):
        assert not [n for n in imports(path) if n.startswith("actors.")], path


@pytest.mark.parametrize("room", ["actors", "trading", "messages"])
def test_what_decides_has_no_clock_no_chance_no_thread_and_no_socket(room):
    for path in files(room):
        assert not PURE_BANS & {n.split(".")[0] for n in imports(path)}, path
        called = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not {"open", "hash", "id", "print"} & called, path


def test_a_broad_except_lives_in_the_host_alone():
    broad = {"Exception", "BaseException"}
    for room in OURS:
        for path in files(room):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.ExceptHandler):
                    continue
                caught = (
                    {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else broad
                )
                reraises = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
                assert not broad & caught or reraises or path.name == "host.py", f"{path}:{node.lineno}"


def test_no_import_goes_round_in_a_circle():
    modules = {}
    for room in OURS:
        for path in files(room):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            modules[name.removesuffix(".__init__")] = path
    graph = {
        name: {found for found in imports(path) if found in modules and found != name}
        for name, path in modules.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())
