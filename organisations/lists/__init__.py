"""The lists of this app, each in a module."""
