"""The Django project: settings, entry points, and the service's System part."""

__version__ = "0.1.0"
