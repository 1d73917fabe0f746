"""The verbs: upload, train, cancel, deploy, roll back, predict. What pages and routes both call.

Law: may import every room below; knows nothing of Flask or Dash. A verb changes the state and appends the fact that tells of it
in one transaction. `trainer.py` is the entry of the trainer process, `dispatcher.py` starts and watches those processes.
"""
