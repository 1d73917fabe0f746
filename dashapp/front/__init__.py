"""The web worker that stands between the clients and the threads: gunicorn's gthread, with a main loop that waits for slow clients.

Law: imports settings and errors only; knows HTTP's framing, never what is served. A thread never waits for a client to send, except for
a large body, in one of a few places.
"""
