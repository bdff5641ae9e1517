"""The HTTP server: how it starts (`run`), one connection (`http_protocol`), bytes that are not HTTP.

Nothing about a single route belongs here.
"""
