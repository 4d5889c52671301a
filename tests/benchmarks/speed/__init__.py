"""How quick papa is: our kernel, papa 1.0.6 and the physical limit in one run, alternating.

``python -m benchmarks.speed`` from ``tests/`` measures everything; names select rows by prefix. It speaks raw sockets
in dialect 1, so that both kernels are judged alike, and never our client library, except where that is measured.
"""
