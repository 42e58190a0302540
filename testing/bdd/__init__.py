"""behave features in parallel."""
