"""The embedded exchange in process, behind ports that lie as real networks and real venues do."""
