"""The OpenAPI document of all routes, and the page to read and try it.

Law: a request body is described by the very type that its route validates with, an answer by the values that its document is made of;
`routes` alone knows Flask. A route without a description, or the other way round, fails a test.
"""
