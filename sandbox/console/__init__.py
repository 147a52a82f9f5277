"""A local page on top of the sandbox."""

from sandbox.console.page import build_page

__all__ = ["build_page"]
