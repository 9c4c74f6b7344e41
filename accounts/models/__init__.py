from accounts.models.connections import Connection
from accounts.models.history import AccountEvent, SignInSession
from accounts.models.people import User, UserManager

__all__ = ["AccountEvent", "Connection", "SignInSession", "User", "UserManager"]
