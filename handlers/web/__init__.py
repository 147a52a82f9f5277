"""The pages and routes that are not Slack's."""
