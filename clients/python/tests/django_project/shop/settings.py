"""Settings of a project with a database; what docs/frameworks.md adds is written to `own.py`."""

import os
from urllib.parse import urlsplit

url = urlsplit(os.environ["SHOP_DATABASE_URL"])
address = {"NAME": url.path[1:], "USER": url.username, "PASSWORD": url.password, "HOST": url.hostname, "PORT": url.port}
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", **address}}
INSTALLED_APPS = ["invoices", "contract"]
ROOT_URLCONF = "shop.urls"
SECRET_KEY = "a secret of the project"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]

from shop.own import *  # noqa: E402, F403

TASKS["default"]["QUEUES"] = []  # noqa: F405  any: Bellhop knows which there are
TASKS["http"] = {"BACKEND": "bellhop_client.django.BellhopBackend", "QUEUES": []}  # noqa: F405
