"""Everything that goes wrong at the real venue, on a script: when, how often, to whom, and always the same way."""
