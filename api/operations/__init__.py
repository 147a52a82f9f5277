"""The ZStack APIs that the bot uses, one class each."""
