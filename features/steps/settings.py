"""Settings and the clock, for one scenario."""

from datetime import UTC, datetime, timedelta

import time_machine
from behave import given, when

from features.settings import put_in_force

SWITCH = {"on": True, "off": False}


@given("the setting {name:w} is {state:w}")
@when("the setting {name:w} is switched {state:w}")
def switch(context, name, state):
    put_in_force(context, **{name: SWITCH[state]})


@given("tokens last {amount:d} {unit:w}")
def token_lifetime(context, amount, unit):
    put_in_force(context, JWT_TTL=timedelta(**{unit: amount}))


@given("secrets are kept for {factor:g} lifetimes and {hours:d} hours at most")
def retention(context, factor, hours):
    put_in_force(
        context,
        JWT_RETENTION_FACTOR=factor,
        JWT_RETENTION_MAX=timedelta(hours=hours),
    )


@given("greetings are limited to {rate:d} a minute and {burst:d} at once")
def limited(context, rate, burst):
    put_in_force(context, RATE_LIMIT_PER_MINUTE=rate, RATE_LIMIT_BURST=burst)


@given('this is the build "{commit}" of {date:S}')
def build(context, commit, date):
    put_in_force(context, BUILD_COMMIT=commit, BUILD_DATE=date)


@given("the clock stands still")
def clock_stops(context):
    # A bucket fills while its requests are under way, on a slow machine.
    travel = time_machine.travel(datetime.now(UTC), tick=False)
    context.traveller = travel.start()
    context.add_cleanup(travel.stop)


@when("{amount:d} {unit:w} pass")
@when("{amount:d} {unit:w} passes")
def time_passes(context, amount, unit):
    distance = timedelta(**{unit if unit.endswith("s") else f"{unit}s": amount})
    if not hasattr(context, "traveller"):
        travel = time_machine.travel(distance)
        context.traveller = travel.start()
        context.add_cleanup(travel.stop)
    else:
        context.traveller.shift(distance)
