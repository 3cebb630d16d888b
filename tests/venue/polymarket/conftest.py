"""An embedded exchange for the tests of this directory that talk to one.

Each module has its own: some leave theirs in a mood.
"""

import socket
import subprocess
import sys

import httpx
import msgspec
import pytest

from messages.values import TokenId


@pytest.fixture(scope="module")
def exchange():
    """An exchange of our own on a free port, market time standing still, so that only we trade."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        command = f"{sys.executable} -m venue.paper --fd {opened.fileno()} --seed 3 --quiet --hold".split()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, pass_fds=(opened.fileno(),)
        ) as process:
            try:
                yield process.stdout.readline().split()[2]
            finally:
                process.terminate()


@pytest.fixture(scope="module")
def market(exchange):
    """The exchange's first plain market with room between its best prices, as Gamma has it."""
    rows = httpx.get(f"{exchange}/gamma/markets/keyset?limit=100", trust_env=False).json()["markets"]
    return next(
        row
        for row in rows
        if not row["negRisk"] and row["bestAsk"] > 0.5 and row["bestAsk"] - row["bestBid"] > 0.015
    )


@pytest.fixture(scope="module")
def token(market):
    """Its YES token."""
    return TokenId(msgspec.json.decode(market["clobTokenIds"])[0])
