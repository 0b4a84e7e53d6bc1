"""Stack files, their way into a swarm, the front door."""
