"""The result cache: keys, Redis backend, serializer, single flight and circuit breaker."""
