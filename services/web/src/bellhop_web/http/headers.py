"""Headers: what every answer carries that says nothing else itself."""

from urllib.parse import urlsplit

import flask

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""Sent where PUBLIC_URL is https: browsers come by TLS alone for a year. Not for localhost, which is many things."""


def add_to_all(app: flask.Flask, public_url: str) -> None:
    """Add them to all answers."""
    site = urlsplit(public_url)
    headers = HEADERS | (OVER_TLS if site.scheme == "https" and site.hostname != "localhost" else {})
    everyones = [(name.lower(), name, value) for name, value in headers.items()]

    @app.after_request
    def add(response: flask.Response) -> flask.Response:
        there = {name.lower() for name, _ in response.headers}
        response.headers.extend([(name, value) for key, name, value in everyones if key not in there])
        return response
