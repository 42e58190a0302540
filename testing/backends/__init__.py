"""Database backends of the engine."""
