"""papa: clients of the process kernel. ``papa.aio`` has the asyncio one."""

from papa.client import Papa
from papa.endpoint import set_debug_mode, set_default_connection_timeout, set_default_path, set_default_port
from papa.errors import CannotConnectError, CommandFailedError, Error, LostConnectionError, TimedOutError
from papa.output import Batch, ProcessClosed, ProcessOutput
from papa.predecessor import warn_of_predecessor
from papa.requests import DEVNULL, PIPE, STDOUT
from papa.watcher import Tail, Watcher
from papa_protocol.model import KernelInfo, ProcessInfo, SocketInfo

__all__ = [
    "DEVNULL",
    "PIPE",
    "STDOUT",
    "Batch",
    "CannotConnectError",
    "CommandFailedError",
    "Error",
    "KernelInfo",
    "LostConnectionError",
    "Papa",
    "ProcessClosed",
    "ProcessInfo",
    "ProcessOutput",
    "SocketInfo",
    "Tail",
    "TimedOutError",
    "Watcher",
    "set_debug_mode",
    "set_default_connection_timeout",
    "set_default_path",
    "set_default_port",
]

warn_of_predecessor()
