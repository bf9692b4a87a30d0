"""The application: it imports the module `tasks` of every other one, so that each process knows all tasks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BellhopConfig(AppConfig):
    """Bellhop in INSTALLED_APPS."""

    name = "bellhop_client.django"
    label = "bellhop"
    verbose_name = "Bellhop"

    def ready(self) -> None:
        """Import the tasks of the project."""
        autodiscover_modules("tasks")
