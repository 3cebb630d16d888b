"""The gateway's port to the venue: credentials, signing, sending, canceling, reading, and our own stream.

The only place in the house that holds a key. Requests block, so they run on threads in lanes of their own: a cancel
never waits behind places, a beat never behind cancels. Signing, which takes less than handing it to a thread would,
is done on the loop.

What commands cost, in requests: `OpenAccount` one or two, `PrepareOrder` none, `SendOrder` one, `TakeOrdersOff` one
for each thousand, `TakeAllOff` one, `ReadOrder` one, `ReadAccount` one for each page of orders and of trades, one for
the collateral and one for each token, `BeatDeadMan` one, and one more for each correction.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import TypeVar

import httpx

from messages.account import (
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    AccountRefused,
    BeatDeadMan,
    DeadManBeaten,
    DeadManMissed,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    ReadAccount,
    UserStreamBeat,
    UserStreamLost,
    UserStreamOpened,
    VenueClockRead,
)
from messages.market import FrameDropped
from messages.orders import (
    NEVER,
    Answer,
    CancelAnswered,
    CancelFailed,
    ForgetOrder,
    OrderAnswered,
    OrderPrepared,
    OrderRead,
    OrderReadFailed,
    PrepareFailed,
    PrepareOrder,
    ReadOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.values import OrderId, RealNs
from runtime.locks import AccountLock, Held
from runtime.ports import Port, handles, runs
from trading.venue_clock import MAX_MS, words
from venue.polymarket.account import Us
from venue.polymarket.account_reading import read_account, read_order
from venue.polymarket.answers import judge
from venue.polymarket.cancels import chunks, heard
from venue.polymarket.client import Client, Lane, Reply
from venue.polymarket.clock import clock_read
from venue.polymarket.dead_man import TRIES, DeadMan
from venue.polymarket.keys import Credentials, KeyFailed, Redactor, read_wallet
from venue.polymarket.outbox import Outbox
from venue.polymarket.signer import OrderSigner, Unsignable
from venue.polymarket.user_stream import UserStream

NOT_OPEN = "the account is not open"
PLACES = 8
"""Orders under way at once; what is more waits, and is not sent when its time is over."""
CANCELS = 4
LOOKS = 2
"""Orders looked up at once."""
BEAT_TIMEOUT_S = 2.5
"""Less than half of what the venue waits for, so that a lost beat leaves time for another."""
WARM = (Lane.PLACES, Lane.PLACES, Lane.CANCELS)
"""Connections kept open: for the two orders of a quote, and for taking one back."""
REFUSALS = (401, 403)
"""Statuses by which credentials are no good; unless it was the clock."""
Result = TypeVar("Result")


class _Account:
    """What an opened account needs: who signs, who asks, in whose name."""

    def __init__(self, signer: OrderSigner, client: Client, credentials: Credentials) -> None:
        self.signer = signer
        self.client = client
        self.credentials = credentials


class OrderGateway(Port):
    """Takes orders to the venue, says what became of them, and hears what the venue says of ours."""

    def __init__(
        self,
        clob_url: str,
        ws_url: str,
        *,
        chain_id: int = 137,
        key_file: str | os.PathLike[str] | None = None,
        signature_type: int = 0,
        funder: str = "",
        timeout_s: float = 5.0,
        warm_s: float = 3.0,
        ping_s: float = 5.0,
        silence_s: float = 15.0,
        accounts: str | os.PathLike[str] | None = None,
    ) -> None:
        """Without a `key_file` (made, with a fresh key, if it does not exist) the environment has the key.

        In the directory `accounts` the account is locked before it is touched: no second process trades it.

        Real seconds: `timeout_s` for one request, `warm_s` between uses of an idle connection, `ping_s` between
        pings and `silence_s` without an answer on the user stream.
        """
        self._clob_url = clob_url
        self._chain_id = chain_id
        self._key_file = key_file
        self._signature_type = signature_type
        self._funder = funder
        self._timeout_s = timeout_s
        self._warm_s = warm_s
        self._stream = UserStream(ws_url, lambda: self.real_now, ping_s=ping_s, silence_s=silence_s)
        self._redact = Redactor()
        self._account: _Account | None = None
        self._lock = AccountLock(accounts)
        self._outbox = Outbox[httpx.Request]()
        self._dead_man = DeadMan()
        self._beating = asyncio.Lock()
        self._opened = asyncio.Event()
        self._lanes = {
            name: ThreadPoolExecutor(threads, thread_name_prefix=name)
            for name, threads in (
                ("place", PLACES),
                ("cancel", CANCELS),
                ("read", 1),
                ("look", LOOKS),
                ("beat", 1),
                ("warm", len(WARM)),
            )
        }

    async def close(self) -> None:
        """Nothing that waits is begun, and what is under way hears no answer any more."""
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        self._hang_up()
        self._lock.release()

    @handles
    async def open_account(self, command: OpenAccount) -> AsyncIterator[AccountOpened | AccountRefused]:
        """Read the key, get credentials, and let the user stream begin. The actor tries again."""
        try:
            found = await self._on("read", self._open)
        except KeyFailed as error:
            yield AccountRefused(reason=str(error), final=True)
            return
        except Held as error:
            yield AccountRefused(reason=str(error), final=True, in_use=True)
            return
        if isinstance(found, Reply):
            yield AccountRefused(reason=found.reason, final=found.status in REFUSALS)
            return
        self._hang_up()
        self._account = found
        self._opened.set()
        yield AccountOpened(address=found.signer.address, funder=found.signer.funder)

    @handles
    async def prepare(self, command: PrepareOrder) -> AsyncIterator[OrderPrepared | PrepareFailed]:
        """Sign it and keep it; it has its name now and no request was made."""
        account = self._account
        if account is None:
            yield PrepareFailed(command=command.command, reason=NOT_OPEN)
            return
        try:
            signed = account.signer.sign(command)
        except Unsignable as error:
            yield PrepareFailed(command=command.command, reason=str(error))
            return
        yield OrderPrepared(command=command.command, order=signed.order)
        # While its intent is written down, its request is made; nothing else has its turn on this loop before.
        self._outbox.put(signed.order, account.client.placing(signed.body))

    @handles
    async def send(self, command: SendOrder) -> AsyncIterator[OrderAnswered]:
        """Send it once. Only the first command for an order is answered; repeats have no answer of their own."""
        account = self._account
        if account is None:
            yield OrderAnswered(order=command.order, answer=Answer.NOT_SENT, reason=NOT_OPEN)
        elif self._outbox.ask(command.order):
            durable_at = self.real_now
            yield await self._on("place", lambda: self._send(account.client, command, durable_at))

    @handles
    async def forget(self, command: ForgetOrder) -> None:
        """It does not leave any more; if it has left already, its answer comes."""
        self._outbox.forget(command.order)

    @handles
    async def take_orders_off(self, command: TakeOrdersOff) -> AsyncIterator[CancelAnswered | CancelFailed]:
        """One request for each thousand; each is answered for itself."""
        for orders in chunks(command.orders):
            async for said in self._canceled(orders, lambda client, orders=orders: client.cancel(orders)):  # type: ignore[misc]
                yield said

    @handles
    async def take_all_off(self, command: TakeAllOff) -> AsyncIterator[CancelAnswered | CancelFailed]:
        """Everything of this API key, ours or not."""
        async for said in self._canceled(None, Client.cancel_all):
            yield said

    @handles
    async def read(self, command: ReadAccount) -> AsyncIterator[AccountRead | AccountReadFailed]:
        """One read at a time; a second waits for the first."""
        account = self._account
        if account is None:
            yield AccountReadFailed(reason=NOT_OPEN)
            return
        us = Us(account.credentials.owner, account.credentials.wallet)
        yield await self._on("read", lambda: read_account(account.client, us, command, lambda: self.real_now))

    @handles
    async def look_up(self, command: ReadOrder) -> AsyncIterator[OrderRead | OrderReadFailed]:
        """One order by its name; it does not wait behind reads of the whole account."""
        account = self._account
        if account is None:
            yield OrderReadFailed(order=command.order, reason=NOT_OPEN)
            return
        yield await self._on("look", lambda: read_order(account.client, command, lambda: self.real_now))

    @handles
    async def beat(self, command: BeatDeadMan) -> AsyncIterator[DeadManBeaten | DeadManMissed]:
        """One beat, repeated at once with the id the venue gives when ours is not the one it waits for."""
        account = self._account
        if account is None:
            yield DeadManMissed(reason=NOT_OPEN)
            return
        async with self._beating:
            for _ in range(TRIES):
                heartbeat = self._dead_man.heartbeat
                asked_at = self.real_now  # it may have been heard at once, and its answer be late
                reply = await self._on("beat", lambda: account.client.beat(heartbeat, BEAT_TIMEOUT_S))  # noqa: B023
                said = self._dead_man.hear(reply, asked_at)
                if said is not None:
                    yield said
                    return
        yield DeadManMissed(reason=f"the venue wanted another id {TRIES} times in a row")

    @runs
    async def listen(
        self,
    ) -> AsyncIterator[
        UserStreamOpened | UserStreamLost | UserStreamBeat | OrderSeen | LegsSeen | FrameDropped
    ]:
        """The user stream, from the moment there are credentials, for ever."""
        await self._opened.wait()
        async with aclosing(self._stream.listen(self._credentials, self._redact)) as words:
            async for word in words:
                yield word

    @runs
    async def keep_warm(self) -> AsyncIterator[VenueClockRead]:
        """Use the idle connections before the venue closes them, so that an order never waits for a handshake.

        What they are used for is asking the venue what time it is.
        """
        await self._opened.wait()
        while True:
            asked = (self._on("warm", partial(self._client().time, lane)) for lane in WARM)
            if (word := clock_read(await asyncio.gather(*asked), self.real_now, time.time_ns())) is not None:
                yield word
            await asyncio.sleep(self._warm_s)

    def _hang_up(self) -> None:
        if self._account is not None:
            self._account.client.close()

    def _client(self) -> Client:
        assert self._account is not None, "opened without an account"
        return self._account.client

    def _credentials(self) -> Credentials:
        assert self._account is not None, "opened without an account"
        return self._account.credentials

    def _open(self) -> _Account | Reply:
        """On a thread. Raises KeyFailed, Held."""
        wallet = read_wallet(self._key_file, self._signature_type, self._funder)
        signer = OrderSigner(wallet, self._chain_id)
        try:
            self._lock.take(signer.funder)
        except OSError as error:
            raise KeyFailed(f"the account cannot be locked: {error.filename}: {error.strerror}") from error
        client = Client(
            self._clob_url,
            self._chain_id,
            wallet,
            now=lambda: self.real_now,
            timeout_s=self._timeout_s,
            redact=self._redact,
        )
        found = client.open()
        if isinstance(found, Reply):
            apart = self._wrong_clock(client) if found.status in REFUSALS else None
            client.close()
            return apart or found
        return _Account(signer, client, found)

    def _wrong_clock(self, client: Client) -> Reply | None:
        """Why credentials were refused that may be good: they are signed with the time. On a thread."""
        read = clock_read([client.time()], self.real_now, time.time_ns())
        if read is None or abs(read.ahead_ms) <= MAX_MS:
            return None
        return Reply(status=None, body=None, error=f"credentials are refused, and {words(read.ahead_ms)}")

    def _send(self, client: Client, command: SendOrder, durable_at: RealNs) -> OrderAnswered:
        """On a thread, which may have come late to it."""
        placing = self._outbox.take(command.order)
        if placing is None:
            return OrderAnswered(
                order=command.order, answer=Answer.NOT_SENT, reason="not prepared, or forgotten"
            )
        if self.real_now >= command.send_before:
            return OrderAnswered(order=command.order, answer=Answer.NOT_SENT, reason="too late")
        reply = client.post(placing, command.send_before)
        judged = judge(reply, command.order)
        late = reply.answered_at if reply.left else NEVER
        return OrderAnswered(
            order=command.order,
            answer=judged.answer,
            reason=judged.reason,
            mode=judged.mode,
            wait_ms=reply.wait_ms,
            tokens_left=reply.tokens_left,
            durable_at=durable_at,
            sent_at=reply.sent_at if reply.sent_at != NEVER else late,
            answered_at=reply.answered_at,
        )

    async def _canceled(
        self, orders: tuple[OrderId, ...] | None, ask: Callable[[Client], Reply]
    ) -> AsyncIterator[CancelAnswered | CancelFailed]:
        account = self._account
        asked = tuple(orders or ())
        if account is None:
            yield CancelFailed(orders=asked, reason=NOT_OPEN, everything=orders is None)
            return
        reply = await self._on("cancel", lambda: ask(account.client))
        for said in heard(reply, asked, everything=orders is None):
            yield said

    async def _on(self, lane: str, call: Callable[[], Result]) -> Result:
        """Run this on one of the lane's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._lanes[lane], call)
