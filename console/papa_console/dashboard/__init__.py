"""The full-screen dashboard: what papa holds, live, and the output of its processes."""
