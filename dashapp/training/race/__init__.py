"""The race: which setting of which family is tried next, on which rows, and when it is over.

Law: `trial` knows what was found, `encoded` the rows, `work` the threads, `schedule` the order, `forecast` what is left; `race` puts them
together. Nothing here fits the final model, and nothing sees a test row.
"""
