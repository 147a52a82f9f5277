"""Alerts: recorded, put together in groups, and each group told as one card."""
