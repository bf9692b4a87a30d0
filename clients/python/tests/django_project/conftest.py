"""The project is set up before any of its modules is imported."""

import django

django.setup()
