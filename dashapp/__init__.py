"""From a CSV to a served model, with honest live feedback.

This package imports nothing here, so that a trainer process never loads Dash.
"""

VERSION = "0.1.0"
"""As in pyproject.toml; there is no installed package to ask when the product runs from its folder."""
