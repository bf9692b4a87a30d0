"""Webhooks: views that only jobs of `http.request` with the project's signing secret may call."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bellhop_client.configured import SIGNING_SECRET
from bellhop_client.webhooks import InvalidSignature, verify

View = Callable[..., Any]


def verified(view: View) -> View:
    """Answer 401 in place of this view unless a job with BELLHOP_SIGNING_SECRET has sent the request."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _refusal_of(request) or view(request, *args, **kwargs)

    @wraps(view)
    async def awaited(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _refusal_of(request) or await _called(view, request, *args, **kwargs)

    open_view: View = csrf_exempt(awaited if iscoroutinefunction(view) else checked)
    return open_view


def _called(view: View, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    called: Awaitable[Any] = view(*args, **kwargs)
    return called


def _refusal_of(request: HttpRequest) -> HttpResponse | None:
    secret = getattr(settings, SIGNING_SECRET, None)
    if not secret:
        raise ImproperlyConfigured(f"{SIGNING_SECRET}: is not set")
    try:
        verify(secret, request.headers, request.body)
    except InvalidSignature as error:
        return HttpResponse(str(error), status=401, content_type="text/plain")
    return None
