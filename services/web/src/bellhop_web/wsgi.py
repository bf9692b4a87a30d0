"""The application that gunicorn imports."""

from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings

app = create_app(WebSettings.load())
