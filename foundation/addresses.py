"""Addresses that every page links to."""

from functools import cache

from django.urls import reverse


@cache
def address(name: str) -> str:
    """Return the address of a page that stands once in the portal; looked up once a process.

    A look-up takes longer than a cell of a list, and the frame of a page has two dozen links.
    Raises NoReverseMatch.
    """
    return reverse(name)
