"""A fitted model and test rows that it never saw -> why it says what it says (`result.Explanation`).

Law: pure functions of a `predict` and of frames as `features.input_frame` gives them; no file, no estimator, no global state.
All randomness comes from a seed, all time from the clock that `watch.Watch` was given. What the allowance does not suffice for
is named, never silently left out.
"""
