"""Many seeds of the simulation, all cores, and an account of every hour that was played."""
