"""The HTTP server: start (`run`), one connection (`http_protocol`), input that is not HTTP (`unparsed_requests`).

Code for a single route does not belong here.
"""
