"""The product's settings with the peer's addresses, DRF's own renderer and errors, and Django's own database defaults."""

from config.settings import *  # noqa: F403, TID251 - the peer differs from the product by these lines alone
from config.settings import DATABASE  # noqa: TID251
from config.settings import INSTALLED_APPS as OURS  # noqa: TID251

INSTALLED_APPS = [*OURS, "benchmarks"]
ROOT_URLCONF = "benchmarks.plain"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
DATABASES = {"default": {**DATABASE, "CONN_MAX_AGE": 600}}
