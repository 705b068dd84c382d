"""HTTP routes other than pages: API, arrays of figures, embedded frames, health, and errors as problem+json."""
