"""ZStack, spoken over REST. Knows nothing of Slack and could be published alone."""
