"""The actors, one a file: plain Python that turns one message into the messages that follow."""
