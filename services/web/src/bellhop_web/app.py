"""The application factory."""

import flask

from bellhop.plugin import PluginError, load
from bellhop_ledger.accounts.personal import PersonalData
from bellhop_ledger.tasks.plugins import plugins_of
from bellhop_web.domain import Domain
from bellhop_web.domains import find_domains, import_parts, open_domains
from bellhop_web.hooks import add_hooks
from bellhop_web.http import problems
from bellhop_web.http.request import NoSessions
from bellhop_web.jobs.waiting import Waiters
from bellhop_web.live import views
from bellhop_web.oidc.issuer import Issuer
from bellhop_web.openapi.library import make_api
from bellhop_web.ratelimits.guard import make_rate_limit_guard
from bellhop_web.settings import WebSettings
from bellhop_web.site import failures
from bellhop_web.site.site import open_site


def import_domains(settings: WebSettings) -> list[Domain]:
    """Import all that create_app() needs; processes that are forked afterwards share it."""
    domains = find_domains(plugin.web for plugin in plugins_of(settings) if plugin.web)
    import_parts(domains)
    return domains


def personal_data_of(settings: WebSettings) -> dict[str, PersonalData]:
    """Return what plug-ins keep of people, by the names of the plug-ins. Raises PluginError."""
    found: dict[str, PersonalData] = {}
    for plugin in plugins_of(settings):
        if plugin.personal:
            found[plugin.name] = load(plugin.personal, f"the plug-in {plugin.name}")
            if not isinstance(found[plugin.name], PersonalData):
                raise PluginError(f"the plug-in {plugin.name}: {plugin.personal} is no PersonalData")
    return found


def create_app(settings: WebSettings) -> flask.Flask:
    """Make the web application."""
    domains = import_domains(settings)
    app = make_api("bellhop_web")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        TRUSTED_HOSTS=settings.hosts,
        FLOWER_URL=settings.flower_url,
        PRODUCTION=settings.production,
        SIGN_UP=settings.sign_up_or_usual,
        LOCAL_SIGN_IN=settings.local_sign_in,
        OIDC=settings.oidc,
        TRUSTED_PROXIES=settings.trusted_proxies,
        MEMBERS=settings.members,
        USER_UNFINISHED_JOBS=settings.user_unfinished_jobs,
    )
    app.session_interface = NoSessions()
    app.extensions["personal"] = personal_data_of(settings)
    app.extensions["waiters"] = Waiters(settings.most_waiters)
    app.extensions["issuer"] = settings.oidc and Issuer(settings.oidc)
    app.extensions["live"] = views.LiveViews(app, settings.web_live_streams, settings.web_live_streams_each)
    app.extensions["rate_limits"] = make_rate_limit_guard(settings, domains)
    add_hooks(app, settings)
    problems.handle_errors(app, failures.presented)
    open_domains(app, domains)
    app.register_blueprint(views.bp)
    open_site(app, domains)
    return app
