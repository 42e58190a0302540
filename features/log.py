"""What the service logs during a scenario."""

import logging

from pythonjsonlogger.json import JsonFormatter

# Those that a scenario may make speak: failed answers, failed checks.
NAMES = ("django.request", "dancecoach.readiness", "dancecoach.request_log")


class Pages(logging.Handler):
    """Keeps what is logged as the service writes it, tracebacks included."""

    def __init__(self):
        super().__init__()
        self.texts = []
        (console,) = (
            handler
            for handler in logging.getLogger().handlers
            if isinstance(handler.formatter, JsonFormatter)
        )
        self.setFormatter(console.formatter)
        for each in console.filters:
            self.addFilter(each)

    def emit(self, record):
        """Keep a record."""
        self.texts.append(self.format(record))


def keep_log(context):
    """Keep the log for the scenario, away from the console: it is expected."""
    context.log = Pages()
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.addHandler(context.log)
        context.add_cleanup(logger.removeHandler, context.log)
        context.add_cleanup(setattr, logger, "propagate", logger.propagate)
        logger.propagate = False
