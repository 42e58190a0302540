"""Hooks of the BDD suite; per-scenario state is put back by its own cleanups."""


def before_scenario(context, scenario):
    """Start each scenario with nobody signed in and nothing answered."""
    context.token = None
    context.answer = None
    context.answers = []
    context.accounts = {}
