"""The pages, one module each: ids, `layout` (read afresh at each visit), pure render functions, `register(app, services)`.

Law: pages never import pages.
"""

from __future__ import annotations

from dashapp.web.pages import activity, history, model, models, monitor, predictions, train, try_it

PAGES = (train, models, model, monitor, try_it, predictions, activity, history)
