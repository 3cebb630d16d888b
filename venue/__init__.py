"""How the exchange speaks: `wire` both ways, `polymarket` as its client, `paper` as the exchange itself."""
