"""Alert sources: each is known by its secret, and read into Alerts."""
