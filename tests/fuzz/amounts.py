"""How much is tried: little enough for every run of the tests, as much as is asked for by ``make fuzz``."""

import os

# What `make fuzz` sets; a seed other than this one tries something new.
SEED = int(os.environ.get("FUZZ_SEED", "6"))
RUNS = int(os.environ.get("FUZZ_RUNS", "8000"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
LINES = int(os.environ.get("FUZZ_LINES", "100000"))
