"""Numbers and counts as people write them, in sentences and tables."""

from __future__ import annotations


def number(value: float) -> str:
    """A number of points, with at most two decimals: 3, 2.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def many(count: int, what: str) -> str:
    """A count of things in words: 1 submission, 2 submissions."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
