"""A ZStack and a Slack to try the bot against. Imports nothing of the bot."""
