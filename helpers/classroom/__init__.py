"""A classroom server: JupyterHub on one machine, and an engine of their own for each learner.

Everything of a class runs on a private engine of the course (`helpers.classroom.own_engine`) whose
containers live in a user namespace: the root of a learner's container is nobody on the host. A
learner's container is never privileged. It holds JupyterLab and a Docker Engine, with a disk of a
fixed size, in a control group of its own, on a network of its own.

Nothing is imported here: the hub's container needs a part of this package only.
"""
