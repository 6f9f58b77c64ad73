"""A local page in the browser to confirm or correct labels; `server.run_review` starts it.

`folder` knows labelled files and the model, `app` speaks HTTP, `server` runs it, and static/ is
the page. Nothing here is loaded unless the page is asked for.
"""
