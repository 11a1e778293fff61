"""check: the walk through an instance, once by its type and once by each profile."""
