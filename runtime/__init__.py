"""Where actors live: one pykka actor in one OS process, its mailbox the ZeroMQ sockets themselves."""
