"""The providers of identities that an operator configures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """A provider as the operator configured it.

    ``second_factor`` lists the values of ``amr`` or ``acr`` that count as a second factor here.
    """

    id: str
    name: str
    server: str
    client_id: str
    client_secret: str
    second_factor: frozenset[str] = frozenset()
