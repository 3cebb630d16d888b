"""The other end of the wire for the gateway's tests: an HTTP server that says what a test wants it to say."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from messages.account import AccountOpened, OpenAccount
from messages.orders import OrderAnswered, OrderPrepared, PrepareOrder, SendOrder
from messages.values import Action, CommandId, Price, RealNs, Size, TokenId
from venue.polymarket.orders import OrderGateway

KEY = "0x" + "11" * 32
ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
OWNER = "e87eadbc-8102-4714-a85b-6dc820f10690"
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PASSPHRASE = "560f8bbde114739ce031073af5963972e8cc068e33a0967df5f6500823e7eb0e"
TOKEN = TokenId("71321045679252212594626385532706912750332728571942532289631379312455583992563")
FAR_OFF = RealNs(1 << 62)


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Says:
    """One answer: a status and a body, or what happens instead of an answer."""

    status: int = 200
    body: object = ""
    headers: dict[str, str] = field(default_factory=dict)
    instead: str = ""
    """`reset` the connection, `silence` until it closes, or a `trickle` of bytes for ever."""


CREDENTIALS = Says(200, {"apiKey": OWNER, "secret": SECRET, "passphrase": PASSPHRASE})


class World:
    """Answers from its script: of several answers for one path each is given once, the last one for ever."""

    def __init__(self):
        self.asked = []
        self.connections = 0
        self._script = {}
        self._talks = {}
        self.says("POST /auth/api-key", CREDENTIALS)
        self.says("GET /time", lambda asked: int(time.time()))

    def says(self, what, *answers):
        """`what` is `METHOD /path`; an answer is a Says, a body of a 200, or a function of what was asked."""
        self._script[what] = list(answers)

    def asked_for(self, what):
        """What was asked of `METHOD /path`, in order."""
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == what]

    async def serve(self, reader, writer):
        self.connections += 1
        self._talks[asyncio.current_task()] = writer
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                answer = self._answer(asked)
                if answer.instead == "silence":
                    await reader.read()
                    break
                if answer.instead == "trickle":
                    writer.write(b"HTTP/1.1 200 Said\r\nContent-Length: 1000000\r\n\r\n")
                    while not writer.is_closing():
                        writer.write(b" ")
                        await asyncio.sleep(0.05)
                    break
                if answer.instead == "reset":
                    writer.transport.abort()
                    return
                writer.write(_bytes(answer))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def leave(self):
        """Hang up on everybody, and listen no more."""
        self.listens.close()
        await self.close()

    async def close(self):
        """Hang up on everybody."""
        for writer in self._talks.values():
            writer.transport.abort()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _answer(self, asked):
        answers = self._script.get(f"{asked.method} {asked.path}", [Says(404, {"error": "nothing here"})])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = answer(asked) if callable(answer) else answer
        return answer if isinstance(answer, Says) else Says(200, answer)


async def _read(reader):
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    return Asked(method, url.path, dict(parse_qsl(url.query)), headers, body.decode())


def _bytes(answer):
    body = answer.body if isinstance(answer.body, bytes) else _text(answer.body).encode()
    headers = {"Content-Length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _text(body):
    return body if isinstance(body, str) else json.dumps(body)


@asynccontextmanager
async def a_world():
    """A world on a port of its own; its `url` is where it listens."""
    world = World()
    async with await asyncio.start_server(world.serve, "127.0.0.1", 0) as server:
        world.listens = server
        world.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield world
        finally:
            await world.close()


@asynccontextmanager
async def a_gateway(world, tmp_path, **options):
    """The port under test with the key 0x11…11, not opened."""
    key_file = tmp_path / "key"
    if not key_file.exists():
        key_file.touch(mode=0o600)
        key_file.write_text(KEY)
    port = OrderGateway(
        world.url,
        world.url.replace("http", "ws"),
        **{"key_file": str(key_file), "timeout_s": 5.0, **options},
    )
    await port.open()
    try:
        yield port
    finally:
        await port.close()


async def said(port, command):
    """Everything one command is answered with."""
    answers = getattr(port, port.contract.handlers[type(command)])(command)
    return [message async for message in answers] if hasattr(answers, "__aiter__") else await answers


def an_order(number=1, **fields):
    """The command to prepare a buy of ten at 41 cents."""
    given = {
        "command": CommandId(f"maker@1.{number}"),
        "token": TOKEN,
        "action": Action.BUY,
        "price": Price(410_000),
        "size": Size(10_000_000),
        "tick": Price(10_000),
        "neg_risk": False,
    }
    return PrepareOrder(**{**given, **fields})


def play(tmp_path, story, *, opened=True, **options):
    """The story, told with a world and a gateway on it."""

    async def told():
        async with a_world() as world, a_gateway(world, tmp_path, **options) as port:
            if opened:
                assert [type(word) for word in await said(port, OpenAccount())] == [AccountOpened]
                world.asked.clear()
            world.says("POST /order", accepted)
            await story(world, port)

    asyncio.run(told())


def accepted(asked):
    """What the venue says to a good order: its own idea of the hash is what ours must be."""
    return Says(200, {"errorMsg": "", "orderID": accepted.order, "status": "live", "success": True})


async def prepared(port, **fields):
    [word] = await said(port, an_order(**fields))
    assert isinstance(word, OrderPrepared)
    accepted.order = word.order
    return word.order


async def sent(port, order, send_before=FAR_OFF):
    [word] = await said(port, SendOrder(order=order, send_before=send_before))
    assert isinstance(word, OrderAnswered)
    return word
