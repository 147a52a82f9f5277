"""A local page on top of the sandbox."""
