"""Synthetic testimonies, marked as such, in collections of their own. The same number of records is always the same records."""
