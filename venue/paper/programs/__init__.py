"""What the venue pays makers for: liquidity rewards and rebates; what it remembers and tells of them."""
