"""The store of sessions, on the database."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    """Sessions in the database, with its failures told as what they are.

    Django takes every error of a write for a session that is gone, and answers “bad request”:
    on a full disk people would be told that what they had sent is damaged.
    """

    def save(self, must_create=False):
        """Write the session down. Raises UpdateError when it is gone, else what the database says.

        When the row is missing, the error is Django's own; one of the driver stands behind others.
        """
        try:
            super().save(must_create=must_create)
        except UpdateError as gone:
            error = gone.__context__
            if error.__cause__ is None:
                raise
            raise error from error.__cause__
