"""The web application: `server` for gunicorn, and the development server as `python app.py`."""

from dashapp.factory import create_app, serve

app = create_app()
server = app.server

if __name__ == "__main__":
    serve(app)
