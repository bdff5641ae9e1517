"""How the software of a hospital sends its wards, one module for each protocol.

Each is written as a client of its protocol, from `docs/protocols/`: it knows nothing of the server's code.
"""
