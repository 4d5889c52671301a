"""Everything that a kernel does, at once and for long: independent actors drive it, and check what they get.

``python -m soak`` from ``tests/`` runs all actors against one kernel, in rounds; names select actors. Whatever an
actor decides comes from its seed. Nothing here judges how long anything takes: a slow machine does less, not worse.
"""
