"""papa's kernel: a small daemon that holds sockets, values and processes. Standard library only."""

VERSION = "2.0.0.dev0"
