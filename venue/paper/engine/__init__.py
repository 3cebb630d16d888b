"""The matching engine: books, orders, money and market time; no wire, no HTTP."""
