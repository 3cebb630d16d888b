"""What the exchange writes down, and how it is read again."""
