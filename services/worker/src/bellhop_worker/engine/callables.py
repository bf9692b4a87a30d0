"""Callables: what a call of a body runs, and whether it returns a result."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any


def code_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a call of this callable runs: without `partial`, caches, and the object around it.

    What a decorator written in Python wraps is not looked at, for it may do with it what it likes.
    """
    if isinstance(function, partial):
        return code_of(function.func)
    if inspect.isfunction(function) or inspect.ismethod(function):
        return function
    if wrapped := getattr(function, "__wrapped__", None):
        return code_of(wrapped)
    return function if inspect.isclass(function) else type(function).__call__


def is_async(function: Callable[..., Any]) -> bool:
    """Whether a call of this callable returns a coroutine, whose result is that of the call."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(code_of(function))


def kind_without_result(function: Callable[..., Any]) -> str:
    """Return what kind of callable this is when its call does not return a result; nothing for all others."""
    for one in (function, code_of(function)):
        if inspect.isasyncgenfunction(one):
            return "an async generator function"
        if inspect.isgeneratorfunction(one):
            return "a generator function"
        if inspect.isclass(one):
            return "a class"
    return ""
