"""The coders' desk: Django's own admin, one file per noun. What it consists of stands in urls.py, which loads it."""
