"""How much is measured: in full, or just enough to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts, bytes and seconds of one round."""

    round_trips: int = 3000
    pipelined: int = 100_000
    clients: int = 50
    clients_seconds: float = 0.7
    values: int = 10_000
    lists: int = 200
    spawns: int = 200
    held: int = 2000
    flood: int = 512 << 20
    lines: int = 5_000_000
    talkers: int = 100
    talk_seconds: float = 1.5
    delay_lines: int = 100
    delay_idle: int = 1000
    delay_busy: int = 20
    idle: int = 1000
    idle_seconds: float = 2.0
    scale: int = 10_000
    starts: int = 10
    load_seconds: float = 2.0
    load_rate: int = 100_000_000
    client_flood: int = 64 << 20
    client_rows: int = 1000
    client_lists: int = 10


FULL = Sizes()
QUICK = Sizes(
    round_trips=200,
    pipelined=5000,
    clients_seconds=0.1,
    values=500,
    lists=20,
    spawns=20,
    held=50,
    flood=8 << 20,
    lines=100_000,
    talkers=10,
    talk_seconds=0.3,
    delay_lines=10,
    delay_idle=20,
    delay_busy=2,
    idle=50,
    idle_seconds=0.3,
    scale=100,
    starts=2,
    load_seconds=0.3,
    client_flood=4 << 20,
    client_rows=50,
    client_lists=3,
)
