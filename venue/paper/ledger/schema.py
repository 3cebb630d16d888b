"""The tables of the exchange's ledger, and how their rows read; the writer and the offline reader share them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from messages.values import MarketId, MarketNs, Money, OrderId, Price, RealNs, Size, TokenId, TradeId
from venue.paper.engine.terms import MakerLeg, Order, TokenSide, Trade, TradeStatus

VERSION = "2"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS api_keys (
    key TEXT PRIMARY KEY, secret TEXT NOT NULL, passphrase TEXT NOT NULL,
    address TEXT NOT NULL, nonce INTEGER NOT NULL, UNIQUE (address, nonce)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (
    maker TEXT PRIMARY KEY, funded INTEGER NOT NULL, funded_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wallets (
    maker TEXT PRIMARY KEY, owner TEXT NOT NULL, type INTEGER NOT NULL, bound_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wallets_owner ON wallets (owner);
CREATE TABLE IF NOT EXISTS allowances (
    maker TEXT NOT NULL, spender TEXT NOT NULL, is_tokens INTEGER NOT NULL, amount TEXT NOT NULL,
    PRIMARY KEY (maker, spender, is_tokens)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balances (
    maker TEXT NOT NULL, token TEXT NOT NULL, amount INTEGER NOT NULL, cost INTEGER NOT NULL,
    PRIMARY KEY (maker, token)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payments (
    seq INTEGER PRIMARY KEY, maker TEXT NOT NULL, dollars INTEGER NOT NULL, reason TEXT NOT NULL,
    paid_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reward_epochs (
    day INTEGER NOT NULL, market TEXT NOT NULL, pool INTEGER NOT NULL, samples INTEGER NOT NULL,
    total INTEGER NOT NULL, PRIMARY KEY (day, market)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reward_shares (
    day INTEGER NOT NULL, maker TEXT NOT NULL, market TEXT NOT NULL, share INTEGER NOT NULL,
    PRIMARY KEY (day, maker, market)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rebates (
    day INTEGER NOT NULL, maker TEXT NOT NULL, market TEXT NOT NULL, dollars INTEGER NOT NULL,
    PRIMARY KEY (day, maker, market)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS paid_days (day INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, maker TEXT NOT NULL, market TEXT NOT NULL, token TEXT NOT NULL,
    side TEXT NOT NULL, price INTEGER NOT NULL, size INTEGER NOT NULL, type TEXT NOT NULL,
    post_only INTEGER NOT NULL, expires_at INTEGER,
    accepted_at INTEGER NOT NULL, accepted_real_at INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'LIVE', matched INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER, ended_real_at INTEGER, end_reason TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS orders_open ON orders (ended_at) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS trades (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, market TEXT NOT NULL, token TEXT NOT NULL,
    taker_order TEXT NOT NULL, taker_owner TEXT NOT NULL, taker_maker TEXT NOT NULL, side TEXT NOT NULL,
    price INTEGER NOT NULL, size INTEGER NOT NULL, dollars INTEGER NOT NULL, fee INTEGER NOT NULL,
    matched_at INTEGER NOT NULL,
    status TEXT NOT NULL, updated_at INTEGER NOT NULL, transaction_hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS trades_taker ON trades (taker_owner);
CREATE INDEX IF NOT EXISTS trades_maker ON trades (taker_maker);
CREATE INDEX IF NOT EXISTS trades_hash ON trades (transaction_hash) WHERE transaction_hash <> '';
CREATE TABLE IF NOT EXISTS legs (
    trade TEXT NOT NULL, n INTEGER NOT NULL, order_id TEXT NOT NULL, owner TEXT NOT NULL, maker TEXT NOT NULL,
    token TEXT NOT NULL, side TEXT NOT NULL, price INTEGER NOT NULL, size INTEGER NOT NULL,
    dollars INTEGER NOT NULL, fee INTEGER NOT NULL, PRIMARY KEY (trade, n)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS legs_owner ON legs (owner);
CREATE INDEX IF NOT EXISTS legs_maker ON legs (maker);
CREATE TABLE IF NOT EXISTS resolutions (
    market TEXT PRIMARY KEY, winner TEXT NOT NULL, resolved_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversions (
    seq INTEGER PRIMARY KEY, maker TEXT NOT NULL, kind TEXT NOT NULL, market TEXT NOT NULL, size INTEGER NOT NULL,
    dollars INTEGER NOT NULL, transaction_hash TEXT NOT NULL, converted_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS conversions_maker ON conversions (maker);
"""
"""Money, prices and sizes in millionths; `_at` in market nanoseconds, `_real_at` in boottime nanoseconds; a `day`
counts UTC days of market time since the epoch."""


def trade_of(row: tuple[Any, ...], legs: Iterable[tuple[Any, ...]]) -> Trade:
    """A row of `trades` with its rows of `legs`."""
    _, id_, market, token, order, owner, maker, side, price, size, *settling = row
    dollars, fee, matched, status, updated, hash_ = settling
    return Trade(
        id=TradeId(id_),
        market=MarketId(market),
        token=TokenId(token),
        taker_order=OrderId(order),
        taker_owner=owner,
        taker_maker=maker,
        side=TokenSide(side),
        price=Price(price),
        size=Size(size),
        dollars=Money(dollars),
        fee=Money(fee),
        legs=tuple(leg_of(leg) for leg in legs),
        matched_at=MarketNs(matched),
        status=TradeStatus(status),
        updated_at=MarketNs(updated),
        transaction_hash=hash_,
    )


def leg_of(row: tuple[Any, ...]) -> MakerLeg:
    """A row of `legs`."""
    _, _, order, owner, maker, token, side, price, size, dollars, fee = row
    return MakerLeg(
        order=OrderId(order),
        owner=owner,
        maker=maker,
        token=TokenId(token),
        side=TokenSide(side),
        price=Price(price),
        size=Size(size),
        dollars=Money(dollars),
        fee=Money(fee),
    )


def order_row(order: Order, real_at: RealNs) -> tuple[object, ...]:
    """An order as it was accepted, for the first thirteen columns of `orders`."""
    new = order.new
    terms = (new.token, str(new.side), new.price, new.size, str(new.type), new.post_only)
    whose = (new.id, new.owner, new.maker, order.market)
    return (*whose, *terms, new.expires_at, order.created_at, real_at)


def trade_row(trade: Trade) -> tuple[object, ...]:
    """A row of `trades`; its sequence number is the table's to give."""
    taker = (trade.taker_order, trade.taker_owner, trade.taker_maker, str(trade.side))
    amounts = (trade.price, trade.size, trade.dollars, trade.fee)
    settling = (trade.matched_at, str(trade.status), trade.updated_at, trade.transaction_hash)
    return (None, trade.id, trade.market, trade.token, *taker, *amounts, *settling)


def leg_row(trade: TradeId, n: int, leg: MakerLeg) -> tuple[object, ...]:
    """A row of `legs`."""
    whose = (leg.order, leg.owner, leg.maker, leg.token, str(leg.side))
    return (trade, n, *whose, leg.price, leg.size, leg.dollars, leg.fee)
