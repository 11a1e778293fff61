"""The steps, in order; each is frozen once released."""
