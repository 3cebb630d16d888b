"""What the documentation says is held against the code, so that it stays true."""

import ast
import functools
import importlib.util
import json
import re
from inspect import signature
from pathlib import Path

import pytest

import supervisor
from config.command import parse
from config.sources import ALIASES, DEFAULTS, WITHOUT_EFFECT, read_file
from messages import BY_KIND
from messages.liquidation import LiquidatorAssigned, MarketRetired, RetireReason
from messages.risk import HaltCause, Level, TradingHalted
from messages.system import EngineState
from messages.values import ExitId, MarketNs, RoleName, Shares
from messages.wallet import MarketPaused, PauseCause
from runtime.child import Phase
from runtime.lifecycle import STOP_ORDER
from runtime.restarts import ExitCode
from runtime.topology import PUBLISHERS, ROUTERS, TELEMETRY_IN
from tests.config.keys import every_key
from tests.factories import MARKET, a_fill, an_order, intended
from tests.venue.paper.door_bench import a_door
from tests.venue.paper.engine.test_engine_checklist import BOXES as ENGINE_BOXES
from tests.venue.paper.engine_bench import Bench
from tests.venue.paper.test_checklist import BOXES as DOOR_BOXES
from trading.views import StateViews
from venue.paper.__main__ import run as venue

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "messages",
    "trading",
    "runtime",
    "actors",
    "venue",
    "telemetry",
    "control",
    "tools",
    "simulation",
    "config",
)
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "state/README.md")
    for path in ROOT.glob(pattern)
)
CAMEL = r"[A-Z][a-z]+(?:[A-Z][a-z]*)+"


def page(name):
    return (ROOT / name).read_text()


def fenced(text):
    """The lines of its code blocks."""
    return [
        line for block in re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M) for line in block.splitlines()
    ]


def spans(text):
    """What stands in backticks, code blocks aside."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))


def rows(text, heading):
    """The cells of the first table below a heading."""
    table = text.split(heading, 1)[1].split("\n|", 1)[1]
    lines = f"|{table}".split("\n\n", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


# Commands.


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md", "CHANGELOG.md", "examples/README.md"])
def test_every_make_target_that_is_named_exists(name):
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.M))
    named = re.findall(r"\bmake ([a-z]+)\b", "\n".join([*fenced(page(name)), *spans(page(name))]))

    assert set(named) <= targets


def test_ci_runs_the_test_command_of_the_readme_and_nothing_else():
    commands = [
        line for line in page(".ci/run").splitlines() if line and not line.startswith(("#", "set ", "cd "))
    ]

    assert commands == ["make test"]
    assert any(line.split("#")[0].strip() == commands[0] for line in fenced(page("README.md")))


def test_every_program_that_is_named_is_there():
    text = "\n".join(path.read_text() for path in PAGES)
    for module in set(re.findall(r"python -m ([a-z_.]+[a-z_])", text)):
        assert importlib.util.find_spec(module) is not None, module
    for script in set(re.findall(r"python ([a-z_/]+\.py)", text)):
        assert (ROOT / script).is_file(), script


def test_the_readme_has_every_option_and_no_other(capsys):
    parse(["--help"])
    offered = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help", "--version"}
    table = page("README.md").split("| option |")[1].split("\n\n")[0]
    documented = set(re.findall(r"--[a-z][a-z-]+", table))

    assert documented == offered


def test_exit_codes_are_the_ones_there_are(capsys):
    parse(["--help"])
    said = " ".join(capsys.readouterr().out.split("Exit codes:")[1].split())
    codes = {int(code) for code in ExitCode}

    assert {int(code) for code in re.findall(r"\b(\d+)\b", said)} == codes
    assert {int(cells[0]) for cells in rows(page("README.md"), "exit code says it")} == codes
    documented = {int(cells[0]): cells[1] for cells in rows(page("docs/operations.md"), "## Exit codes")}
    assert documented == {int(code): code.name for code in ExitCode}


# Configuration.


def configured():
    """Key, default and alias of each documented key."""
    lines = [
        line for line in page("docs/configuration.md").splitlines() if re.match(r"\| `[a-z_.]+` \|", line)
    ]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): (row[1].strip("`"), row[-1].strip("` ")) for row in cells}


def test_every_key_is_documented_with_its_default():
    documented = configured()
    raw = read_file(DEFAULTS)

    assert sorted(documented) == sorted(every_key())
    for key, (default, _) in documented.items():
        value = raw
        for part in key.split("."):
            value = value[part]
        assert default == json.dumps(value), key


def test_every_alias_is_documented_at_its_key():
    documented = {alias: key for key, (_, alias) in configured().items() if alias.startswith("MM_")}
    without_effect = {
        cells[0].strip("`") for cells in rows(page("docs/configuration.md"), "## Names without effect")
    }

    assert documented == ALIASES
    assert without_effect == set(WITHOUT_EFFECT)


def test_the_example_configuration_is_one(tmp_path, monkeypatch):
    (block,) = re.findall(r"^```toml\n(.*?)^```", page("docs/configuration.md"), re.S | re.M)
    (tmp_path / "my.toml").write_text(block)
    monkeypatch.chdir(tmp_path)
    settings = parse(["--config", "my.toml"]).settings

    assert (settings.maker.strategy.spread, settings.limits.position_limit.max_net) == (60_000, 20_000_000)


# Names.


@functools.cache
def classes():
    """Every class of ours."""
    paths = [ROOT / "supervisor.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return {
        node.name
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_message_and_every_file_that_is_named_exists(path):
    text = path.read_text()
    named = {word for span in spans(text) for word in re.findall(rf"^{CAMEL}$", span)}
    drawn = {
        word
        for line in fenced(text)
        if re.search(r"->>|--", line)
        for word in re.findall(rf"\b{CAMEL}\b", line)
    }
    files = {span for span in spans(text) if re.fullmatch(r"(?:\.?[a-z_]+/)+[a-z_.]*", span)}
    ours = {
        file for file in files if file.split("/")[0] in (*ROOMS, "tests", "docs", "examples", "benchmarks")
    }

    assert named | (drawn & set(BY_KIND)) <= classes() | {"ClobClient"}
    assert not [file for file in ours if not (ROOT / file).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_every_page_of_the_docs_is_linked_from_somewhere():
    linked = {
        (path.parent / target).resolve()
        for path in PAGES
        for target in re.findall(r"\]\(([^)#]+)", path.read_text())
        if not target.startswith("http")
    }
    assert [path for path in PAGES if "docs" in path.parts and path.resolve() not in linked] == []


# Tables of the architecture.


def test_the_table_of_supervision_is_the_process_table():
    told = {cells[0]: cells[1:] for cells in rows(page("docs/architecture.md"), "## Supervision")}
    specs = {role: (row.wave, row.spec) for role, row in supervisor.PROCESSES.items()}
    specs["venue"] = (0, supervisor.VENUE_SPEC)

    assert told == {
        role: [
            str(wave),
            spec.restart.value,
            f"{spec.ready_s:g} s",
            f"{spec.beat_s:g}, {spec.deadline_s:g} s",
            f"{spec.grace_s:g} s",
            f"{spec.intensity} in {spec.period_s:g} s",
            "yes" if spec.vital else "no",
        ]
        for role, (wave, spec) in specs.items()
    }


def test_the_table_of_sockets_is_the_topology():
    told = {cells[0].strip("`"): cells[1] for cells in rows(page("docs/architecture.md"), "## Sockets")}
    ours = {name: family for family, name in (*ROUTERS.items(), *PUBLISHERS.items())}

    assert told == ours | {TELEMETRY_IN: "alert"}


def test_states_and_the_order_of_the_stop_are_the_ones_there_are():
    text = " ".join(page("docs/architecture.md").split())
    stop = text.split("**Stop**, also before everything is up:")[1].split("A second signal")[0]
    families = [family for group in STOP_ORDER for family in group]

    assert all(f"`{phase.value}`" in text for phase in Phase)
    assert all(state.value in text for state in EngineState)
    assert sorted(families, key=stop.index) == families


# Files of the state directory.


def test_the_readable_files_have_the_documented_keys():
    views = StateViews()
    retired = MarketRetired(
        exit=ExitId("e"), market=MARKET, slug="s", reason=RetireReason.POSITION_LIMIT, net=Shares(1)
    )
    assigned = LiquidatorAssigned(
        exit=ExitId("e"), market=MARKET, slug="s", liquidator=RoleName("liquidator:1")
    )
    halted = TradingHalted(cause=HaltCause.OPERATOR, level=Level.FREEZE, reason="")
    paused = MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="")
    order = intended(an_order("c1"))
    for fact in (retired, assigned, a_fill(5, 40), halted, paused, order):
        views.note(fact, MarketNs(1))
    written = [json.loads(text) for _, text in views.take_changed(MarketNs(1))]
    documented = {
        key for cell in re.findall(r"^\| (`.*?`) \|", page("docs/state.md"), re.M) for key in spans(cell)
    }

    for content in written:
        assert set(dotted(content)) <= documented


def dotted(content, prefix=""):
    for key, value in content.items():
        if isinstance(value, dict):
            yield from dotted(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield from (name for each in value for name in dotted(each, f"{prefix}{key}[]."))
        else:
            yield f"{prefix}{key}"


# The embedded venue.


def test_the_checklist_names_every_box_and_exactly_the_tests_that_hold_it():
    told = {
        cells[0]: tuple(re.findall(r"`([^`]+)`", cells[1]))
        for cells in rows(page("docs/checklist.md"), "# What a faithful venue must do")
    }

    assert told == ENGINE_BOXES | DOOR_BOXES


def test_the_venues_page_has_every_option_and_no_other():
    options = {f"--{name.replace('_', '-')}" for name in signature(venue).parameters} - {"--control-socket"}
    table = page("docs/venue.md").split("| option | means |")[1].split("\n\n")[0]
    documented = {
        option
        for line in table.splitlines()[2:]
        for option in re.findall(r"`(--[a-z][a-z-]+)", line.split(" | ")[0])
    }

    assert {option.replace("--no-tick-twice", "--tick-twice") for option in documented} == options | {
        "--control"
    }


def test_every_route_of_the_node_the_relayer_and_the_data_api_is_one_that_is_served():
    served = {path for _, path in a_door(Bench()).routes}
    text = page("docs/venue.md").split("## What it serves")[1].split("## What is faithful")[0]
    prefixes = {"Gamma": "/gamma", "Data API": "/data-api", "Data API v2": "/data-api", "relayer": "/relayer"}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] not in prefixes:
            continue
        for path in re.findall(r"`(?:GET |POST )?(/[^`…]*)`", cells[1]):
            wanted = re.sub(r"\{[a-z]+\}", "*", path)
            known = {prefixes[cells[0]] + wanted, f"{prefixes[cells[0]]}/v2{wanted}"}
            assert known & served, path
