"""Orders a second through the embedded venue's whole HTTP path, signatures checked.

    python -m benchmarks.venue_http [--orders 3000] [--connections 4] [--state DIR]

The venue runs in a process of its own, pinned to one core where the host has more. Bodies and headers are signed
before the clock starts, all orders rest and are canceled again afterwards, and the load comes over a few keep-alive
connections from bare sockets, so that what is measured is the venue and not a client.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

from venue.wire.eip712 import ZERO_BYTES32, auth_digest, checksummed, domain_of, keccak, order_digest
from venue.wire.hmac import l2_signature
from venue.wire.orders import OrderRequest, SignedOrder, encode, signed_fields

ROOT = Path(__file__).resolve().parents[1]


class Trader:
    """A wallet that signs everything beforehand."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._key = PrivateKey(b"\x31" * 32)
        self.address = checksummed(keccak(self._key.public_key.format(compressed=False)[1:])[12:])
        now = str(int(time.time()))
        headers = {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": self._sign(auth_digest(self.address, now, 0)),
            "POLY_TIMESTAMP": now,
            "POLY_NONCE": "0",
        }
        url = f"http://127.0.0.1:{port}/auth/api-key"
        with urllib.request.urlopen(urllib.request.Request(url, b"", headers, method="POST")) as answer:
            self._creds: dict[str, str] = json.load(answer)

    def orders(self, token: str, count: int) -> list[bytes]:
        """Requests that place orders of five shares a tick above nothing, each another one."""
        return [self.request("POST", "/order", self._order(token, salt)) for salt in range(1, count + 1)]

    def request(self, method: str, path: str, body: bytes) -> bytes:
        """One request as bytes."""
        now = str(int(time.time()))
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"POLY_ADDRESS: {self.address}",
            f"POLY_SIGNATURE: {l2_signature(self._creds['secret'], now, method, path, body)}",
            f"POLY_TIMESTAMP: {now}",
            f"POLY_API_KEY: {self._creds['apiKey']}",
            f"POLY_PASSPHRASE: {self._creds['passphrase']}",
            "User-Agent: py_clob_client_v2",
            "Accept: */*",
            "Connection: keep-alive",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def _order(self, token: str, salt: int) -> bytes:
        order = SignedOrder(
            salt=salt,
            maker=self.address,
            signer=self.address,
            tokenId=token,
            makerAmount="50000",
            takerAmount="5000000",
            side="BUY",
            timestamp=str(time.time_ns() // 1_000_000),
            metadata=ZERO_BYTES32,
            builder=ZERO_BYTES32,
            signature="0x",
        )
        order.signature = self._sign(order_digest(signed_fields(order), domain_of(neg_risk=False)))
        return encode(OrderRequest(order=order, owner=self._creds["apiKey"], orderType="GTC"))

    def _sign(self, digest: bytes) -> str:
        signature = self._key.sign_recoverable(digest, hasher=None)
        return "0x" + (signature[:64] + bytes([signature[64] + 27])).hex()


class Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")

    def ask(self, request: bytes) -> bytes:
        """The body of the answer, whose status must be 200."""
        self._socket.sendall(request)
        status = self._stream.readline()
        length = 0
        while (line := self._stream.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = self._stream.read(length)
        assert b" 200 " in status, (status, body)
        return body

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()


def timed(port: int, requests: list[bytes], connections: int) -> tuple[float, list[bytes], list[float]]:
    """Seconds for all requests, their answers, and each one's latency in seconds."""
    answers: list[bytes] = []
    latencies: list[float] = []

    def drive(mine: list[bytes]) -> None:
        line = Line(port)
        with contextlib.closing(line):
            for request in mine:
                asked_at = time.perf_counter()
                answers.append(line.ask(request))
                latencies.append(time.perf_counter() - asked_at)

    threads = [threading.Thread(target=drive, args=(requests[n::connections],)) for n in range(connections)]
    begun_at = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun_at, answers, latencies


def cpu_seconds(pid: int) -> float:
    """What a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(what: str, count: int, spent: float, cpu: float, latencies: list[float]) -> None:
    """One line."""
    ordered = sorted(latencies)
    p50, p99 = (ordered[int(len(ordered) * q)] * 1_000 for q in (0.5, 0.99))
    sys.stdout.write(
        f"{what:<8} {count:>6} in {spent:6.2f} s = {count / spent:7.0f}/s wall, {count / max(cpu, 1e-9):7.0f}/s of one"
        f" core, latency p50 {p50:.2f} ms p99 {p99:.2f} ms\n"
    )


def main() -> int:
    """Place, then cancel."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--orders", type=int, default=3_000)
    options.add_argument("--connections", type=int, default=4)
    options.add_argument("--state", default="", help="directory for the venue's ledger (default: in memory)")
    asked = options.parse_args()
    command = [sys.executable, "-m", "venue.paper", "--port", "0", "--hold", "--quiet", "--fund", "1000000"]
    command += ["--limits", "warn"]
    if asked.state:
        command += ["--state", asked.state]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        port = int(url.rpartition(":")[2])
        _pin(process.pid, 0)
        _pin(0, 1)
        with urllib.request.urlopen(f"{url}/markets") as answer:
            token = json.load(answer)["data"][0]["tokens"][0]["token_id"]
        _measure(process.pid, port, Trader(port), token, asked)
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()
    return 0


def _measure(pid: int, port: int, trader: Trader, token: str, asked: Any) -> None:
    requests = trader.orders(token, asked.orders)
    before = cpu_seconds(pid)
    spent, answers, latencies = timed(port, requests, asked.connections)
    report("place", asked.orders, spent, cpu_seconds(pid) - before, latencies)
    ids = [json.loads(answer)["orderID"] for answer in answers]
    requests = [trader.request("DELETE", "/order", json.dumps({"orderID": id_}).encode()) for id_ in ids]
    before = cpu_seconds(pid)
    spent, _, latencies = timed(port, requests, asked.connections)
    report("cancel", asked.orders, spent, cpu_seconds(pid) - before, latencies)


def _pin(pid: int, core: int) -> None:
    """Keep a process on one core, if there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1 or pid:
        with contextlib.suppress(OSError, ValueError):
            os.sched_setaffinity(pid, {cores[min(core, len(cores) - 1)]})


if __name__ == "__main__":
    sys.exit(main())
