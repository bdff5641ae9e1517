"""`python -m app` is `balai`."""

from app.cli import app

if __name__ == "__main__":
    app()
