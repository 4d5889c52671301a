"""papa-repl: type commands, abbreviated or not, at a prompt or in scripts."""
