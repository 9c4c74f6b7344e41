"""Chance that repeats itself: the same seed plays the same years."""

import os
import random
from contextlib import contextmanager


class Chance(random.Random):
    """A seeded source of chance with the few questions the simulation asks."""

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def weighed(self, options: list, weights: list[float]):
        """Return one of the options, the likelier the heavier."""
        return self.choices(options, weights)[0]

    def days(self, usual: float) -> int:
        """Return for how many days somebody lets a thing lie: mostly few, now and then many."""
        return int(self.expovariate(1 / usual))


@contextmanager
def repeatable(seed: int):
    """Give records the same identifiers at every run, so that what sorts by them does too."""
    urandom, os.urandom = os.urandom, Chance(seed).randbytes
    try:
        yield
    finally:
        os.urandom = urandom
