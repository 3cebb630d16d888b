"""The embedded exchange: a process of its own that speaks Polymarket's REST and websocket protocol on loopback."""
