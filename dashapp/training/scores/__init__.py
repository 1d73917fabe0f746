"""Outputs and truth -> figures, their noise, and what may be said of them in words.

Law: plain functions of arrays with numpy, scipy and scikit-learn; may import `training.run`, `training.result` and datasets'
values. Reads no table, fits no model, keeps no state; what is drawn at random is drawn from a seed. `y` holds codes 0..k-1 or values
`[n]`; outputs are probabilities `[n, k]` or values `[n]`, float64.
"""
