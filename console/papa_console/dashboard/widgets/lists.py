"""The lists of what the kernel holds: processes, sockets and values."""

from papa_console.dashboard.widgets.held_list import HeldList
from papa_console.dashboard.widgets.process_list import ProcessList
from papa_console.dashboard.widgets.socket_list import SocketList
from papa_console.dashboard.widgets.value_list import ValueList

__all__ = ["HeldList", "ProcessList", "SocketList", "ValueList"]
