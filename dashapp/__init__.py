"""From a CSV to a served model, with honest live feedback.

This package imports nothing here, so that a trainer process never loads Dash.
"""
