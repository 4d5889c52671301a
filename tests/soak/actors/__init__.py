"""One module for each kind of actor."""
