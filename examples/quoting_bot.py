"""A small market maker: the official client for orders, websockets for prices and for its own fills.

python -m venue.paper --port 18777 --speed 20
python examples/quoting_bot.py http://127.0.0.1:18777 60
"""

import asyncio
import json
import os
import secrets
import sys

os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")  # read when the client is imported

from py_clob_client_v2 import ClobClient, OrderArgs, Side
from py_clob_client_v2.exceptions import PolyApiException
from websockets.asyncio.client import connect

SIZE = 10


async def messages(url, hello):
    """What a channel says; it hangs up on whoever is silent for thirty seconds."""
    async with connect(url) as socket:
        await socket.send(json.dumps(hello))
        while True:
            try:
                text = await asyncio.wait_for(socket.recv(), 10)
            except TimeoutError:
                text = await socket.send("PING") or "PONG"
            told = [] if text == "PONG" else json.loads(text)
            for message in told if isinstance(told, list) else [told]:
                yield message


class Maker:
    """Bids a tick below the best bid of a market, and offers what it holds a tick above the best ask."""

    def __init__(self, client, market):
        self.client, self.market, self.token = client, market["condition_id"], market["tokens"][0]["token_id"]
        self.tick, self.best, self.held = float(market["minimum_tick_size"]), None, 0.0

    async def watch_prices(self, url):
        async for told in messages(url, {"type": "market", "assets_ids": [self.token]}):
            for change in told.get("price_changes", ()):
                best = float(change["best_bid"]), float(change["best_ask"])
                if change["asset_id"] == self.token and best != self.best:
                    self.best = best
                    await asyncio.to_thread(self.quote)

    async def watch_fills(self, url):
        creds = self.client.creds
        auth = {"apiKey": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}
        async for told in messages(url, {"type": "user", "auth": auth, "markets": [self.market]}):
            if told["event_type"] == "trade" and told["status"] == "MINED":  # can be sold from now on
                for leg in (leg for leg in told["maker_orders"] if leg["owner"] == creds.api_key):
                    self.held += float(leg["matched_amount"]) * (1 if leg["side"] == "BUY" else -1)
                    say(f"{leg['side']} {leg['matched_amount']} at {leg['price']}; holds {self.held:g}")

    def quote(self):
        self.client.cancel_all()
        bid, ask = self.best[0] - self.tick, self.best[1] + self.tick
        for side, price, size in ((Side.BUY, bid, SIZE), (Side.SELL, ask, min(SIZE, int(self.held)))):
            if size >= 5 and self.tick <= price <= 1 - self.tick:
                order = OrderArgs(token_id=self.token, price=round(price, 4), size=size, side=side)
                try:
                    self.client.create_and_post_order(order, post_only=True)
                except PolyApiException as no:
                    say(f"{side} at {price:g} was refused: {no.error_msg}")


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def main(host="http://127.0.0.1:18777", seconds="60"):
    client = ClobClient(host, 137, key="0x" + secrets.token_hex(32))
    client.set_api_creds(client.create_or_derive_api_key())
    market = next(m for m in client.get_sampling_markets()["data"] if m["accepting_orders"])
    say(f"quoting {market['question']!r} for {client.get_address()}")
    maker, sockets = Maker(client, market), host.replace("http", "ws", 1)
    both = asyncio.gather(maker.watch_prices(f"{sockets}/ws/market"), maker.watch_fills(f"{sockets}/ws/user"))
    try:
        await asyncio.wait_for(both, float(seconds))
    except TimeoutError:
        say(f"canceled {len(client.cancel_all()['canceled'])}; holds {maker.held:g}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
