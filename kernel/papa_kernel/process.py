"""A process that papa holds."""

from collections.abc import Callable

from papa_kernel.output import Ring
from papa_kernel.users import Identity
from papa_protocol.hints import Any, Self
from papa_protocol.model import ProcessInfo, ProcessSpec
from papa_protocol.watch import Kind


class Process:
    """A process that papa holds, and what it wrote.

    Args:
        number: its own among all that there ever were.
        name: what it is called.
        spec: what was asked for.
        identity: whom it runs as.
    """

    __slots__ = (
        "discards", "identity", "last_words", "name", "number", "pid", "pipes", "ring", "spec", "started", "status",
    )  # fmt: skip

    def __init__(self, number: int, name: str, spec: ProcessSpec, identity: Identity) -> None:
        self.number = number
        self.name = name
        self.spec = spec
        self.identity = identity
        self.pid = 0
        self.started = 0.0
        self.status: int | None = None
        self.ring = Ring(spec.bufsize)
        self.pipes: dict[int, Kind] = {}
        self.last_words: dict[int, int] = {}  # by pipe, how much of what it wrote before its end is yet to be read
        self.discards = False  # output is thrown away: removed, or no longer listed

    @property
    def running(self) -> bool:
        """Whether it has not been reaped."""
        return self.status is None

    @property
    def info(self) -> ProcessInfo:
        """What a row of ``list processes`` shows."""
        info: ProcessInfo = {"pid": self.pid, "running": self.running, "started": self.started}
        if self.identity.uid is not None:
            info["uid"] = self.identity.uid
        if self.identity.gid is not None:
            info["gid"] = self.identity.gid
        if self.spec.shell:
            info["shell"] = True
        if self.status is not None:
            info["status"] = self.status
        info["bufsize"] = self.spec.bufsize
        info["buffered"] = self.ring.buffered
        info["dropped"] = self.ring.dropped
        info["position"] = self.ring.end
        if watchers := self.ring.watchers:
            info["watchers"] = watchers
        self._add_choices(info)
        info["argv"] = list(self.spec.args)
        return info

    def _add_choices(self, info: ProcessInfo) -> None:
        """Tell what was asked for and is not the default."""
        spec = self.spec
        if spec.working_dir:
            info["working_dir"] = spec.working_dir
        if spec.linger != "exit":
            info["linger"] = spec.linger
        if spec.listen:
            info["listen"] = ",".join(spec.listen)
        if not spec.stdout:
            info["stdout"] = 0
        if spec.stderr != "1":
            info["stderr"] = spec.stderr

    @property
    def saved(self) -> dict[str, Any]:
        """What ``restored`` needs, but for the bytes that the ring holds."""
        return {
            **self.progress,
            "name": self.name,
            "spec": {**self.spec._asdict(), "env": dict(self.spec.env), "rlimits": dict(self.spec.rlimits)},
            "identity": self.identity,
            "ring": self.ring.saved,
        }

    @property
    def progress(self) -> dict[str, Any]:
        """What may have changed since it was made, but for its output."""
        return {
            "number": self.number,
            "pid": self.pid,
            "started": self.started,
            "status": self.status,
            "ring": self.ring.progress,
            "pipes": [(fd, kind.value) for fd, kind in self.pipes.items()],
            "last_words": list(self.last_words.items()),
            "discards": self.discards,
        }

    def proceed(self, progress: dict[str, Any]) -> None:
        """Become what ``progress`` was, all output until then having been added."""
        self.ring.proceed(progress["ring"])
        self._become(progress)

    def _become(self, progress: dict[str, Any]) -> None:
        self.pid, self.started, self.status = progress["pid"], progress["started"], progress["status"]
        self.pipes = {fd: Kind(kind) for fd, kind in progress["pipes"]}
        self.last_words = dict(progress["last_words"])
        self.discards = progress["discards"]

    @classmethod
    def restored(cls, saved: dict[str, Any], take: Callable[[int], bytes | memoryview]) -> Self:
        """Return the process that ``saved`` and what its ring held describe.

        Args:
            saved: what ``saved`` was.
            take: returns the next bytes of the ring's ``pieces``, or lends them.
        """
        process = cls(saved["number"], saved["name"], _restored_spec(saved["spec"]), Identity(*saved["identity"]))
        process.ring.restore(saved["ring"], take)
        process._become(saved)
        return process


def _restored_spec(saved: dict[str, Any]) -> ProcessSpec:
    rlimits = {name: (soft, hard) for name, (soft, hard) in saved["rlimits"].items()}
    listen = tuple(saved.get("listen", ()))
    return ProcessSpec(**{**saved, "args": tuple(saved["args"]), "listen": listen, "rlimits": rlimits})
