"""The command line over the control socket: halt, resume, status."""
