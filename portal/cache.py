"""A cache that is missed, not mourned, when Redis is away."""

import logging

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class ForgivingClient(RedisCacheClient):
    """Redis as Django uses it; an outage is a miss for reads and a no for writes."""

    def _quietly(self, action, otherwise):
        try:
            return action()
        except RedisError as error:
            log.warning("cache away: %s", error)
            return otherwise

    def add(self, key, value, timeout):
        """Store a value unless the key is taken; during an outage every key is free."""
        return self._quietly(lambda: super(ForgivingClient, self).add(key, value, timeout), True)

    def get(self, key, default):
        """Return the value of a key, or the default."""
        return self._quietly(lambda: super(ForgivingClient, self).get(key, default), default)

    def set(self, key, value, timeout):
        """Store a value."""
        return self._quietly(lambda: super(ForgivingClient, self).set(key, value, timeout), None)

    def touch(self, key, timeout):
        """Tell whether a key was there to be kept longer."""
        return self._quietly(lambda: super(ForgivingClient, self).touch(key, timeout), False)

    def delete(self, key):
        """Tell whether a key was there to be deleted."""
        return self._quietly(lambda: super(ForgivingClient, self).delete(key), False)

    def get_many(self, keys):
        """Return the values of those keys that have one."""
        return self._quietly(lambda: super(ForgivingClient, self).get_many(keys), {})

    def has_key(self, key):
        """Tell whether a key is there."""
        return self._quietly(lambda: super(ForgivingClient, self).has_key(key), False)

    def incr(self, key, delta):
        """Count up; during an outage as if the count began now."""
        return self._quietly(lambda: super(ForgivingClient, self).incr(key, delta), delta)

    def set_many(self, data, timeout):
        """Store several values."""
        return self._quietly(lambda: super(ForgivingClient, self).set_many(data, timeout), None)

    def delete_many(self, keys):
        """Delete several keys."""
        return self._quietly(lambda: super(ForgivingClient, self).delete_many(keys), None)

    def clear(self):
        """Tell whether the cache was emptied."""
        return self._quietly(super().clear, False)


class ForgivingRedisCache(RedisCache):
    """The cache backend of settings.CACHES."""

    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = ForgivingClient
