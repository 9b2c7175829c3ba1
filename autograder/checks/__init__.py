"""Hidden checks, one module a topic: each declares `EXERCISES`."""
