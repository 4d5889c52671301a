"""What looks secret in a typed line is not remembered: passwords, tokens, keys."""

import re

MASK = "…"
_SECRET = re.compile(r"PASS|TOKEN|SECRET|KEY", re.IGNORECASE)
_VALUE = re.compile(r"(?P<key>(?:[^\s=\\]|\\.)+)=(?P<value>(?:[^ \\]|\\.)+)")
_SET = re.compile(r"(?P<start>set +(?P<key>(?:[^ \\]|\\.)+) +)(?P<value>.*\S)", re.DOTALL)


def mask_secrets(line: str) -> str:
    """Return a line, in full words, with the values of keys that look secret replaced by ``…``."""
    if (match := _SET.match(line.lstrip())) and _SECRET.search(match["key"]):
        return match["start"] + MASK
    return _VALUE.sub(lambda m: f"{m['key']}={MASK}" if _SECRET.search(m["key"]) else m[0], line)


def masked_value(line: str) -> tuple[int, int] | None:
    """Return where ``line`` holds a value that the history did not keep, None where it holds none."""
    for match in re.finditer(rf"(?<=[ =]){MASK}(?= |$)", line):
        other = line[: match.start()] + "x" + line[match.end() :]
        if mask_secrets(other) != other:
            return match.span()
    return None


def looks_secret(key: str) -> bool:
    """Whether a key says that its value is secret."""
    return bool(_SECRET.search(key))
