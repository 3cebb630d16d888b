"""Signing one order, ours against the official client, turn by turn in one process; and what importing each costs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from random import Random

from benchmarks.figures import Figure
from messages.orders import PrepareOrder
from messages.values import Action, CommandId, Price, Size, TokenId
from venue.polymarket.client import order_body
from venue.polymarket.keys import PrivateKey, Wallet
from venue.polymarket.signer import OrderSigner

KEY = "0x" + "11" * 32
FUNDER = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
TOKEN = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
OWNER = "e87eadbc-8102-4714-a85b-6dc820f10690"
IMPORT = "import time; began = time.perf_counter(); import {0}; print((time.perf_counter() - began) * 1e6)"
IMPORTS = 5


def ours(signature_type: int) -> Callable[[int], object]:
    """From the command to the bytes of the request."""
    signer = OrderSigner(Wallet(PrivateKey(KEY), signature_type, FUNDER if signature_type else ""), 137)

    def sign(number: int) -> bytes:
        wanted = PrepareOrder(
            command=CommandId(f"maker@1.a.{number}"),
            token=TokenId(TOKEN),
            action=Action.BUY,
            price=Price(10_000 * (1 + number % 99)),
            size=Size(10_000_000),
            tick=Price(10_000),
            neg_risk=False,
        )
        return order_body(signer.sign(wanted).body, OWNER)

    return sign


def official(signature_type: int) -> Callable[[int], object]:
    """The same by the official client, its ticks and market kinds known beforehand."""
    from py_clob_client_v2.clob_types import CreateOrderOptions, OrderArgs
    from py_clob_client_v2.order_builder.builder import OrderBuilder
    from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2
    from py_clob_client_v2.signer import Signer

    builder = OrderBuilder(Signer(KEY, 137), signature_type, FUNDER if signature_type else None)
    options = CreateOrderOptions("0.01", False)

    def sign(number: int) -> bytes:
        order = builder.build_order(OrderArgs(TOKEN, 0.01 * (1 + number % 99), 10.0, "BUY"), options)
        body = order_to_json_v2(order, OWNER, "GTC", post_only=True)
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()

    return sign


def measure(count: int) -> list[Figure]:
    """Both, for a plain wallet and for a deposit wallet."""
    found = []
    for signature_type, name in ((0, "plain wallet"), (3, "deposit wallet")):
        both = ours(signature_type), official(signature_type)
        spans: tuple[list[float], list[float]] = ([], [])
        order = Random(1)
        for number in range(count):
            for which in order.sample((0, 1), 2):
                began = time.perf_counter_ns()
                both[which](number)
                spans[which].append((time.perf_counter_ns() - began) / 1e3)
        goal = "p50 <= 60 us"
        found.append(Figure(f"sign an order and write its request, {name}", spans[0], goal))
        found.append(Figure("official client", spans[1], is_baseline=True))
    return found + imports()


def imports() -> list[Figure]:
    """A process of its own each time."""
    spans: dict[str, list[float]] = {}
    for _ in range(IMPORTS):
        for module in ("venue.polymarket.orders", "py_clob_client_v2.client"):
            done = subprocess.run(
                [sys.executable, "-c", IMPORT.format(module)], capture_output=True, text=True, check=True
            )
            spans.setdefault(module, []).append(float(done.stdout))
    mine, theirs = spans.values()
    return [
        Figure("import everything the gateway's port needs", mine),
        Figure("the official client alone", theirs, is_baseline=True),
    ]
