"""The two clocks cannot be mixed: the type checker says no."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = """
from messages.values import SECOND, MarketNs, RealNs
def later(a: RealNs, b: RealNs, m: MarketNs) -> bool:
    return a + SECOND > b and m + SECOND > m and (a - b) > SECOND
"""
BAD = (
    "from messages.values import MarketNs, RealNs\ndef f(a: RealNs, b: MarketNs) -> bool:\n    return a < b\n",
    "from messages.values import MarketNs, RealNs\ndef f(a: RealNs, b: MarketNs) -> int:\n    return a - b\n",
    "from messages.values import MarketNs, RealNs\ndef f(a: RealNs) -> MarketNs:\n    return a\n",
)


def checked(text: str, tmp_path: Path) -> int:
    path = tmp_path / "snippet.py"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode


@pytest.mark.slow
def test_instants_of_one_clock_compare_and_of_two_do_not(tmp_path):
    assert checked(GOOD, tmp_path) == 0
    for text in BAD:
        assert checked(text, tmp_path) == 1, text
