"""A class over several machines: those of a Docker Swarm, a learner's server a service each.

A service cannot say all that a learner's container needs (`helpers.classroom.hub.spawner`). What it
cannot say comes from its node, which is prepared for that and serves the class alone (`.node`).
"""
