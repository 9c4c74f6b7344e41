"""The transition tables; importing this package declares them all."""

from certification.flows import cases

__all__ = ["cases"]
