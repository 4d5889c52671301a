"""The screens of the dashboard: the main one, and those that are laid over it."""
