"""The two clocks cannot be mixed: the type checker says no."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SNIPPET = """
from messages.values import SECOND, MarketNs, RealNs

def allowed(a: RealNs, b: RealNs, m: MarketNs) -> bool:
    return a + SECOND > b and m + SECOND > m and (a - b) > SECOND

def compared(a: RealNs, b: MarketNs) -> bool:
    return a < b  # refused

def subtracted(a: RealNs, b: MarketNs) -> int:
    return a - b  # refused

def taken_for(a: RealNs) -> MarketNs:
    return a  # refused

def bare(a: RealNs) -> bool:
    return a > 5  # refused
"""


@pytest.mark.slow
def test_instants_of_one_clock_compare_and_of_two_do_not(tmp_path):
    path = tmp_path / "snippet.py"
    path.write_text(SNIPPET)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = {n for n, line in enumerate(SNIPPET.splitlines(), 1) if "# refused" in line}

    assert {int(n) for n in re.findall(r"snippet\.py:(\d+): error", done.stdout)} == refused, done.stdout
