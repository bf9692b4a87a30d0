"""Which requests count for which budget. docs/limits.md has the table for people."""

from collections.abc import Iterable, Iterator, Mapping

from flask import Response, current_app, g, request

from bellhop.errors import Refused
from bellhop_web.auth import callers
from bellhop_web.auth.access import Access, access_of
from bellhop_web.domain import Domain
from bellhop_web.http.addresses import client_address
from bellhop_web.http.rates import parse_rate
from bellhop_web.ratelimits.limiter import Budget, Limiter, Standing, make_limiter
from bellhop_web.ratelimits.refusals import TooOften
from bellhop_web.settings import WebSettings

OPERATOR, USER, ADDRESS, SIGN_UP, COSTLY, TARGET = "operator", "token", "address", "sign-up", "costly", "target"
FREE = frozenset({"health.live", "health.ready", "static", "operators_pages.check"})
"""Endpoints without a limit: probes, styles, and what the proxy asks for each file of a tool for operators."""


def budgets_of(settings: WebSettings) -> dict[str, Budget]:
    """Return the budgets that are not off."""
    written = {
        OPERATOR: settings.rate_limit_operator,
        USER: settings.rate_limit_token,
        ADDRESS: settings.rate_limit_address,
        SIGN_UP: settings.rate_limit_sign_up,
        COSTLY: settings.rate_limit_costly,
        TARGET: settings.rate_limit_target,
    }
    rates = {name: parse_rate(rate) for name, rate in written.items()}
    return {name: Budget(name, rate) for name, rate in rates.items() if rate is not None}


def _budget_of_endpoints(domains: Iterable[Domain]) -> Iterator[tuple[str, str]]:
    for domain in domains:
        yield from ((endpoint, COSTLY) for endpoint in domain.costly)
        yield from ((endpoint, SIGN_UP) for endpoint in domain.sign_up)


class RateLimitGuard:
    """Counts each request and refuses those beyond a budget."""

    def __init__(self, budgets: dict[str, Budget], limiter: Limiter, endpoints: Mapping[str, str]):
        self._budgets, self._limiter, self._endpoints = budgets, limiter, endpoints

    def charge(self) -> None:
        """Count the present request. Raises TooOften, and what `callers.caller` raises."""
        g.standings = []
        if request.endpoint in FREE:
            return
        try:
            wanted = list(spent_by_request(self._endpoints))
        except Refused:  # a token that is none, or a form that is not ours
            self._spend(ADDRESS, client_address())
            raise
        for name, subject in wanted:
            self._spend(name, subject)

    def charge_targets(self, hosts: Iterable[str]) -> None:
        """Count one request of people to each of these hosts. Raises TooOften."""
        for host in hosts:
            standing = self._limiter.spend(self._budgets[TARGET], host) if TARGET in self._budgets else None
            if standing and not standing.allowed:
                g.standings.append(standing)
                raise TooOften(standing.seconds)

    def _spend(self, name: str, subject: str) -> None:
        standing = self._limiter.spend(self._budgets[name], subject) if name in self._budgets else None
        if standing:
            g.standings.append(standing)
            if not standing.allowed:
                raise TooOften(standing.seconds)


def make_rate_limit_guard(settings: WebSettings, domains: Iterable[Domain]) -> RateLimitGuard:
    """Return the one of a process."""
    return RateLimitGuard(budgets_of(settings), make_limiter(settings.redis), dict(_budget_of_endpoints(domains)))


def charge_targets(hosts: Iterable[str]) -> None:
    """Count one request to each of these hosts (RATE_LIMIT_TARGET), unless an operator asks. Raises TooOften."""
    guard: RateLimitGuard = current_app.extensions["rate_limits"]
    if not callers.current_caller().operates:
        guard.charge_targets(hosts)


def add_standings(response: Response) -> Response:
    """Add how the client stands."""
    if standings := g.get("standings"):
        response.headers.update(headers_of(standings))
    return response


def spent_by_request(endpoints: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the budgets that the present request counts for, each with the subject. Raises what `caller` raises."""
    public = request.endpoint is None or access_of(request.endpoint) is Access.PUBLIC
    caller = None if public else callers.caller()
    subject = caller.person if caller else client_address()
    if caller is None:
        yield ADDRESS, subject
    else:
        yield OPERATOR if caller.operates or caller.service else USER, subject
    if request.endpoint and request.endpoint in endpoints:
        yield endpoints[request.endpoint], subject


def headers_of(standings: list[Standing]) -> dict[str, str]:
    """Return the headers of draft-ietf-httpapi-ratelimit-headers (version 10)."""
    rates = [(one.budget.name, one.budget.rate) for one in standings]
    policies = (f'"{name}";q={rate.amount};w={rate.get_expiry()}' for name, rate in rates)
    limits = (f'"{one.budget.name}";r={one.remaining};t={one.seconds}' for one in standings)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(limits)}
