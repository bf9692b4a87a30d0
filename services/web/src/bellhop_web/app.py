"""The application factory."""

import time

import flask
import structlog
from flask import Response, g, request
from flask.sessions import SessionInterface

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.settings import modules_of
from bellhop_ledger.tasks.load import load
from bellhop_web.auth import callers
from bellhop_web.domains import WORKLOADS, find_domains, open_domains
from bellhop_web.http import cors, csrf, headers, limits, metrics, problems, uploads
from bellhop_web.http import request as requests
from bellhop_web.http.request import request_id
from bellhop_web.http.traces import trace_requests
from bellhop_web.jobs.waiting import Waiters
from bellhop_web.live import views
from bellhop_web.openapi.library import make_api
from bellhop_web.ratelimits import guard
from bellhop_web.settings import WebSettings
from bellhop_web.site.site import open_site

log = get_logger(__name__)

QUIET = frozenset({"health.live", "health.ready", "static"})
"""Endpoints that are asked all day long; they are not logged."""


class NoSessions(SessionInterface):
    """Nobody is remembered between two requests, so no cookie is looked for."""

    def open_session(self, app: flask.Flask, request: flask.Request) -> None:
        """Open none."""


def create_app(settings: WebSettings) -> flask.Flask:
    """Make the web application."""
    load(modules_of(settings.extra_signatures))
    domains = find_domains(WORKLOADS)
    app = make_api("bellhop_web")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        TRUSTED_HOSTS=settings.hosts,
        FLOWER_URL=settings.flower_url,
        SIGN_UP=settings.sign_up_or_usual,
        TRUSTED_PROXIES=settings.trusted_proxies,
    )
    app.session_interface = NoSessions()
    app.extensions["waiters"] = Waiters(settings.most_waiters)
    app.extensions["live"] = views.LiveViews(app, settings.web_live_streams, settings.web_live_streams_each)
    _log_requests(app)
    trace_requests(app, QUIET)
    headers.add_to_all(app, settings.public_url)
    cors.open_to(app, settings.origins)
    limits.refuse_compressed(app)
    csrf.offer(app)
    guard.limit_requests(app, settings, domains)
    callers.guard(app)
    requests.check_query(app)
    requests.check_key(app)
    uploads.clean_up(app)
    problems.handle_errors(app)
    open_domains(app, domains)
    app.register_blueprint(views.bp)
    open_site(app, domains)
    return app


def _log_requests(app: flask.Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id())

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        metrics.count(response, seconds)
        if request.endpoint not in QUIET:
            log.info(
                "request_finished",
                method=request.method,
                path=request.path,
                status=response.status_code,
                seconds=round(seconds, 4),
            )
        return response
