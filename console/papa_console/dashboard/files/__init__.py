"""What the dashboard writes outside the kernel: files, the clipboard, its settings."""
