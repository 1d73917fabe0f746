"""Flask only: the guard, problem documents, a blueprint per resource, the live socket.

Law: may import application and every room below it, never web. A route reads the request, calls one verb, and returns a document.
"""
