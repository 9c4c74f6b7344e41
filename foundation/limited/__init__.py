"""Look into what strangers sent, in a process that may do nothing but that.

``program.py`` runs on its own: it imports no line of the portal, inherits no environment and no
connection, and forks a child with hard limits for each file. ``client.py`` asks it.
"""
