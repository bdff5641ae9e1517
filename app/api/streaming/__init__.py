"""Responses that stay open: streams and long polls, their topics, their limits and the fan-out to clients."""
