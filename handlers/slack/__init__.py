"""Slack, in both directions."""
