"""Settings and the clock, for one scenario."""

from datetime import timedelta

import time_machine
from behave import given, when
from django.test import override_settings

SWITCH = {"on": True, "off": False}


def put_in_force(context, **settings):
    """Override settings until the end of the scenario, for the live server too."""
    override = override_settings(**settings)
    override.enable()
    context.add_cleanup(override.disable)


@given("the setting {name:w} is {state:w}")
@when("the setting {name:w} is switched {state:w}")
def switch(context, name, state):
    put_in_force(context, **{name: SWITCH[state]})


@given("tokens last {amount:d} {unit:w}")
def token_lifetime(context, amount, unit):
    put_in_force(context, JWT_TTL=timedelta(**{unit: amount}))


@given('this is the build "{commit}" of {date:S}')
def build(context, commit, date):
    put_in_force(context, BUILD_COMMIT=commit, BUILD_DATE=date)


@when("{amount:d} {unit:w} pass")
def time_passes(context, amount, unit):
    distance = timedelta(**{unit: amount})
    if not hasattr(context, "traveller"):
        travel = time_machine.travel(distance)
        context.traveller = travel.start()
        context.add_cleanup(travel.stop)
    else:
        context.traveller.shift(distance)
