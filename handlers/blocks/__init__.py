"""Outcome, inventory and error as Block Kit: pure."""

from handlers.blocks.message import Message, render

__all__ = ["Message", "render"]
