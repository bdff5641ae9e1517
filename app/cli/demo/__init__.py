"""`balai demo`: the seeded city with invented reports, in a folder of its own.

- `command`: the command: it prepares the folder, serves, and starts the simulator beside the server.
- `folder`: the data folder of a demo, with its keys; never one of a real installation.
- `city`, `rhythm`, `scenes`: what the simulation says: wards, their patients over the day, and what happens.
- `simulator`, `posting`, `senders`: a process of its own, which reports over HTTP like any hospital.

Nothing here is imported by the service. All chance comes from `--seed` (`chance`): the same seed gives the same city.
"""
