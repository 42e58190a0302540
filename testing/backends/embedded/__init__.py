"""Name for DATABASES: ``"ENGINE": "testing.backends.embedded"``."""
