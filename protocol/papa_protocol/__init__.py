"""papa's wire protocol: pure functions and state machines, shared by the kernel and its clients."""
