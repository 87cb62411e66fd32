"""A Django project as `startproject` makes it, with the peers' tables: plain DRF under /plain/, django-ninja under /ninja/."""
