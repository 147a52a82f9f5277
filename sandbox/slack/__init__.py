"""The one stand-in for Slack: Web API, signed deliveries, response_url."""
