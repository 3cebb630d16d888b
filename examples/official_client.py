"""Polymarket's own Python client, unchanged, against the embedded venue (or any host that speaks the protocol).

    python -m venue.paper --port 18777 --speed 20
    python examples/official_client.py --host http://127.0.0.1:18777

Nothing of evermaker is imported here: what works in this script works for any bot.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys

os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")  # read when the client is imported

from py_clob_client_v2 import (
    ApiCreds,
    AssetType,
    BalanceAllowanceParams,
    ClobClient,
    MarketOrderArgs,
    OrderArgs,
    OrderPayload,
    OrderType,
    PartialCreateOrderOptions,
    PostOrdersV2Args,
    Side,
)


def main() -> int:
    """One order's life, a batch, a trade, a heartbeat."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--host", default="http://127.0.0.1:18777", help="where the venue is (default: %(default)s)"
    )
    options.add_argument(
        "--key", default="0x" + secrets.token_hex(32), help="private key (default: a new one)"
    )
    asked = options.parse_args()

    client = ClobClient(asked.host, 137, key=asked.key)
    creds: ApiCreds = client.create_or_derive_api_key()
    client.set_api_creds(creds)
    say(f"wallet {client.get_address()} has the API key {creds.api_key}")
    say(f"it owns ${balance(client):.2f}")

    market = next(m for m in client.get_markets()["data"] if m["accepting_orders"])
    token = market["tokens"][0]["token_id"]
    client.get_clob_market_info(market["condition_id"])  # tick, fees and kind, once for all orders
    book = client.get_order_book(token)
    bid, ask = float(book["bids"][-1]["price"]), float(book["asks"][-1]["price"])
    say(f"{market['question']!r} is at {bid} / {ask}")

    tick = float(market["minimum_tick_size"])
    order = client.create_and_post_order(
        OrderArgs(token_id=token, price=tick, size=10, side=Side.BUY), post_only=True
    )
    say(f"order {order['orderID'][:10]}… is {order['status']}; open: {len(client.get_open_orders())}")
    say(f"canceled: {len(client.cancel_order(OrderPayload(orderID=order['orderID']))['canceled'])}")

    kind = PartialCreateOrderOptions(tick_size=str(market["minimum_tick_size"]), neg_risk=market["neg_risk"])
    legs = [
        client.create_order(OrderArgs(token_id=token, price=n * tick, size=10, side=Side.BUY), kind)
        for n in (1, 2)
    ]
    answers = client.post_orders(
        [PostOrdersV2Args(order=leg, orderType=OrderType.GTC) for leg in legs], post_only=True
    )
    say(
        f"a batch is {[answer['status'] for answer in answers]}; canceled: {len(client.cancel_all()['canceled'])}"
    )

    taken = client.create_and_post_market_order(
        MarketOrderArgs(token_id=token, amount=5, side=Side.BUY, order_type=OrderType.FAK),
        order_type=OrderType.FAK,
    )
    say(
        f"a market order gave ${taken['makingAmount']} for {taken['takingAmount']} shares; now ${balance(client):.2f}"
    )
    for trade in client.get_trades():
        say(
            f"trade {trade['id'][:8]}… {trade['side']} {trade['size']} at {trade['price']} is {trade['status']}"
        )

    say(
        f"heartbeat {client.post_heartbeat('')['heartbeat_id'][:8]}… accepted; silence would cancel everything"
    )
    return 0


def balance(client: ClobClient) -> float:
    """Dollars."""
    found = client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    return int(found["balance"]) / 1_000_000


def say(words: str) -> None:
    """A line."""
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(main())
