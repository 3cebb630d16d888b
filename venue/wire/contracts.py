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
COLLATERAL_ADAPTER = "0xAdA100Db00Ca00073811820692005400218FcE1f"
"""Splits, merges and redeems pUSD for standard markets."""
CTF_NEG_RISK_ADAPTER = "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296"
"""The adapter below `NEG_RISK_ADAPTER`, to which the tokens of neg-risk markets belong."""
ROUTER = "0x12121212006e4CD160D18e3f00711DA5c3372600"
PERPS_DEPOSIT = "0xDCa4af75705dbB50f62437045afF9921947917d2"
AUTO_REDEEM = "0xa1200000d0002264C9a1698e001292D00E1b00af"
BINARY_MODULE = "0x1000008dD9001B968442c1000017eaE6E0dA00Ba"
NEG_RISK_MODULE = "0x200000900045e3B6259600682756002200028933"
POSITION_MANAGER = "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"
"""What belongs to other products of the venue; clients ask whether a wallet allows them."""
SPONSOR_REWARDS = "0xdD8db71cE3BE8d71FF148B2163d64Da181A29e8b"
AUTO_REDEEM_OLD = "0xF3cFb6a6eBFeB51876289Eb235719EB1c65252B0"
"""More of them."""
MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"
"""Asks several contracts in one call."""

SPENDERS = (EXCHANGE, NEG_RISK_EXCHANGE, NEG_RISK_ADAPTER)
"""Whom a wallet has to allow to move its collateral and tokens, in the order of GET /balance-allowance."""
UNLIMITED = (1 << 256) - 1
"""The allowance that is never used up."""

COLLATERAL_SPENDERS = {
    "UsdcCtf": CONDITIONAL_TOKENS,
    "UsdcExchange": EXCHANGE,
    "UsdcNegRiskExchange": NEG_RISK_EXCHANGE,
    "UsdcNegRiskAdapter": CTF_NEG_RISK_ADAPTER,
    "UsdcCollateralAdapter": COLLATERAL_ADAPTER,
    "UsdcNegRiskCollateralAdapter": NEG_RISK_ADAPTER,
    "PusdV2Exchange": EXCHANGE_V3,
    "PusdV2Router": ROUTER,
    "PerpsPusdDeposit": PERPS_DEPOSIT,
    "SponsorRewards": SPONSOR_REWARDS,
}
"""Whom the venue's own clients want to move pUSD, by the names the Data API has for it."""
TOKEN_OPERATORS = {
    "CtfExchangeIsApprovedForAll": (CONDITIONAL_TOKENS, EXCHANGE),
    "CtfNegRiskExchangeIsApprovedForAll": (CONDITIONAL_TOKENS, NEG_RISK_EXCHANGE),
    "CtfNegRiskAdapterIsApprovedForAll": (CONDITIONAL_TOKENS, CTF_NEG_RISK_ADAPTER),
    "CtfCollateralAdapterIsApprovedForAll": (CONDITIONAL_TOKENS, COLLATERAL_ADAPTER),
    "CtfNegRiskCollateralAdapterIsApprovedForAll": (CONDITIONAL_TOKENS, NEG_RISK_ADAPTER),
    "V2PositionManagerRouterIsApprovedForAll": (POSITION_MANAGER, ROUTER),
    "V2PositionManagerExchangeIsApprovedForAll": (POSITION_MANAGER, EXCHANGE_V3),
    "AutoRedeemCtfOperator": (CONDITIONAL_TOKENS, AUTO_REDEEM_OLD),
    "AutoRedeemCtfV2Redeemer": (CONDITIONAL_TOKENS, AUTO_REDEEM),
    "AutoRedeemV2PositionManagerV2Redeemer": (POSITION_MANAGER, AUTO_REDEEM),
    "CtfBinaryModuleIsApprovedForAll": (CONDITIONAL_TOKENS, BINARY_MODULE),
    "CtfNegRiskModuleIsApprovedForAll": (CONDITIONAL_TOKENS, NEG_RISK_MODULE),
}
"""And whom, of each ERC-1155, to move tokens."""
FEATURES = {"PerpsPusdDeposit": "perps", "SponsorRewards": "rewards"}
"""What they want it for, where it is not `trading` or `auto-redeem`."""
