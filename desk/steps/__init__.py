"""One function for each step of a command: look, decide, say what comes next.

Every step may run twice: it reads what the row remembers and returns a `Next`, which is
committed whole or not at all. Step names are persisted and carry a version.
"""
