"""HTTP without pages: ``/api/v1``, the arrays that figures draw, health, and errors as problem+json."""
