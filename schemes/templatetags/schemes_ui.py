"""Template filters about rules."""

from django import template

from schemes.sources import source_words

register = template.Library()
register.filter(source_words)
