"""Django: a backend of `django.tasks`, its tasks in a worker, and the client made from the settings of a project.

Put `bellhop_client.django` into INSTALLED_APPS, and `bellhop_client.django.BellhopBackend` into TASKS. A worker with
`BELLHOP_PLUGINS=bellhop_client.django.worker` and `DJANGO_SETTINGS_MODULE` runs the tasks of the project.
"""

from bellhop_client.django.backend import BellhopBackend
from bellhop_client.django.declared import policy
from bellhop_client.django.project import client
from bellhop_client.django.webhooks import verified

__all__ = ["BellhopBackend", "client", "policy", "verified"]
