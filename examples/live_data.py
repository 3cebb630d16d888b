"""Follows one crypto window on the embedded exchange: its strike, the average it will end at, what Up costs.

python -m venue.paper --port 18777 --speed 20
python examples/live_data.py --host http://127.0.0.1:18777
"""

import argparse
import json
import sys

import httpx
from websockets.sync.client import connect

TOPIC = "crypto_prices_twap_sixty"
LENGTH_S = 300

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="http://127.0.0.1:18777")
parser.add_argument("--ticks", type=int, default=120, help="how many to print")
asked = parser.parse_args()

venue = httpx.Client(base_url=asked.host, trust_env=False)
averages: dict[int, int] = {}
with connect(asked.host.replace("http", "ws", 1) + "/ws/live-data", proxy=None) as socket:
    filters = json.dumps({"symbol": "btc/usd"})
    subscription = {"topic": TOPIC, "type": "update", "filters": filters}
    socket.send(json.dumps({"action": "subscribe", "subscriptions": [subscription]}))
    while asked.ticks > 0:
        payload = json.loads(socket.recv(timeout=30))["payload"]
        for point in payload.get("data", [payload]):
            averages[point["timestamp"] // 1000] = int(point["full_accuracy_value"])
        second = max(averages)
        start = second // LENGTH_S * LENGTH_S
        rows = venue.get("/gamma/markets", params={"slug": f"btc-updown-5m-{start}"}).json()
        strike = averages.get(start)
        strike_text = f"strike {strike / 1e18:,.2f}" if strike else "strike unknown: we came late"
        up = f"Up {rows[0].get('bestBid', 0)}-{rows[0].get('bestAsk', 1)}" if rows else "no such window"
        sys.stdout.write(f"{second - start:3d} s  {strike_text}  now {averages[second] / 1e18:,.2f}  {up}\n")
        asked.ticks -= 1
