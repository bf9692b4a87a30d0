"""Tasks of all kinds."""

from bellhop_client.django import policy

try:
    from django.tasks import task
except ImportError:
    from django_tasks import task


class Flaky(Exception):
    """It works the second time."""


@task
def add(a, b=5):
    """Add two numbers."""
    return a + b


@task()
def anything(*args, **kwargs):
    """Return what it was given."""
    return [args, kwargs]


@task
async def add_async(a, /, b):
    """Add two numbers in a coroutine."""
    return a + b


@task
def fail():
    """Fail."""
    raise ValueError("no")


@task(takes_context=True)
@policy(name="shop.flaky", attempts=2)
def flaky(context, factor):
    """Fail at the first attempt."""
    if context.attempt == 1:
        raise Flaky("not yet")
    return [context.task_result.id, context.attempt * factor]


@task(priority=-30, queue_name="slow")
def count_invoices():
    """Look into the project's database."""
    from invoices.models import Invoice

    return Invoice.objects.count()
