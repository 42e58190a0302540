"""What the service logs during a scenario."""

import logging

# Those that a scenario may make speak: failed answers, failed checks.
NAMES = ("django.request", "dancecoach.readiness")


class Pages(logging.Handler):
    """Keeps what is logged as text, tracebacks included."""

    def __init__(self):
        super().__init__()
        self.texts = []

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
