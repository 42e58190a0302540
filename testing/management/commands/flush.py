"""``flush``, where Django looks for a command; what it does is in testing/flush.py."""

from testing.flush import Command

__all__ = ["Command"]
