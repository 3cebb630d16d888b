"""A whole house in one thread on virtual time: the same actors, hosts, supervisor and journal, every fault by seed."""
