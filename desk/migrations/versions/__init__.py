"""One file for each step from empty to now."""
