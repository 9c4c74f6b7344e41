"""Enterprises, bodies, authorities, sites, memberships, roles, the actor."""
