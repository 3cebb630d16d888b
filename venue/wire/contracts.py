"""The venue's contracts on Polygon, checksummed, as clients name them (VENUE §3.1, §9)."""

from __future__ import annotations

COLLATERAL = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
"""pUSD, an ERC-20 of six decimals."""
USDC_BRIDGED = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
"""USDC.e, the collateral before pUSD."""
USDC = "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"
"""Circle's own on Polygon."""
CONDITIONAL_TOKENS = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
"""The ERC-1155 of all outcome tokens."""
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"
"""Verifies and settles orders of standard markets."""
NEG_RISK_EXCHANGE = "0xe2222d279d744050d28e00520010520000310F59"
"""Verifies and settles orders of neg-risk markets."""
EXCHANGE_V3 = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"
"""Verifies orders for position ids, domain version 3 (VENUE §3.2)."""
NEG_RISK_ADAPTER = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
"""Splits, merges and converts for neg-risk markets, so it spends there as well (VENUE §3.8)."""
MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"
"""Asks several contracts in one call."""

SPENDERS = (EXCHANGE, NEG_RISK_EXCHANGE, NEG_RISK_ADAPTER)
"""Whom a wallet has to allow to move its collateral and tokens, in the order of GET /balance-allowance."""
UNLIMITED = (1 << 256) - 1
"""The allowance that is never used up."""
