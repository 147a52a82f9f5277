"""Outcome, inventory and error as Block Kit: pure."""
