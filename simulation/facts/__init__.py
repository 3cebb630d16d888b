"""Stylised facts: what a market looks like in numbers, measured alike on recordings and on the crowd (TRADING §7.3)."""
