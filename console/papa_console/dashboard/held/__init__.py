"""What the kernel holds: kept connected, asked for, followed; nothing here knows of a screen."""
