"""The coders' desk: Django's own admin, one file per noun. Importing it registers every record type."""

from testimonies.admin import accounts

__all__ = ["accounts"]
