"""The flagship scenario: a web server is replaced under load, its deploy script is killed, nobody notices."""
