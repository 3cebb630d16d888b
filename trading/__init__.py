"""The decisions, pure: no clock, socket, file or thread."""
