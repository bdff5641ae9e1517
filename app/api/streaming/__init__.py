"""Responses that stay open: streams and long polls, their topics, their limits, and who is told what."""
