"""What happens between a request and its answer. No Slack, no HTTP server, no environment."""
