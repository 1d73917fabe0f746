"""What a person sees: the Dash shell, its pages, components, figures and the background callback.

Law: may import application and everything below it, never api or factory. Pages never import pages. `components.py`, `dataset_view.py`,
`run_view.py` and `figures.py` turn plain values into trees and figures: no query, no clock, no request. What can run in the browser
runs there, in files under `assets/`.
"""
