"""Live settings in the admin panel, by its form."""

from behave import given, then, when

from features.accounts import PASSWORD
from features.panel import Panel
from users.models import User

CONFIG = "/admin/constance/config/"
FORM = "changelist-form"
SWITCH = {"on": "on", "off": None}


def administrator(context):
    """Return the scenario's visitor of the panel, who may change everything."""
    if not hasattr(context, "panel"):
        context.panel = Panel(context)
        context.panel.enter(User.objects.create_superuser("Chief", PASSWORD))
    return context.panel


@when("an administrator switches {name:w} {state:w}")
def switch(context, name, state):
    write(context, name, SWITCH[state])


@when('an administrator sets {name:w} to "{value}"')
def write(context, name, value):
    try_to_write(context, name, value)
    assert context.panel.answer.status == 302, context.panel.texts("errorlist")


@when('an administrator tries to set {name:w} to "{value}"')
def try_to_write(context, name, value):
    panel = administrator(context)
    panel.get(CONFIG)
    panel.submit(FORM, **{name: value})


@then('the panel refuses it: "{text}"')
def refused(context, text):
    assert context.panel.answer.status == 200, context.panel.answer.status
    refusals = context.panel.texts("errorlist")
    assert text in refusals, refusals


@then('{name:w} is "{value}" as before')
def as_before(context, name, value):
    form = context.panel.get(CONFIG).get_element_by_id(FORM)
    assert form.fields[name] == value, form.fields[name]


@given("{name:w} runs the panel without all rights")
def staff(context, name):
    context.panel = Panel(context)
    context.panel.enter(User.objects.create_user(name, PASSWORD, is_staff=True))


@when("the live settings are opened")
def open_settings(context):
    context.panel.get(CONFIG)


@then("the panel refuses with {status:d}")
def refused_with(context, status):
    assert context.panel.answer.status == status, context.panel.answer.status


@when("two administrators change {name:w} at once")
def change_at_once(context, name):
    panel = administrator(context)
    other = Panel(context)
    other.enter(User.objects.get_by_natural_key("Chief"))
    panel.get(CONFIG)
    other.get(CONFIG)
    other.submit(FORM, **{name: "5"})
    assert other.answer.status == 302, other.answer.text
    # The page in view of the first one is from before that.
    panel.submit(FORM, **{name: "7"})


@when("somebody fails to sign in to the panel as {name:w} {count:d} times")
def fail_to_sign_in(context, name, count):
    context.panel = Panel(context)
    for _ in range(count):
        assert not context.panel.sign_in(name, "wrong horse 9")


@when("{name:w} signs in to the panel")
def sign_in(context, name):
    context.panel = Panel(context)
    context.panel.sign_in(name)


@then("the panel opens")
def opens(context):
    assert context.panel.answer.status == 302, context.panel.answer.text


@then('the panel stays closed: "{text}"')
def stays_closed(context, text):
    assert context.panel.answer.status == 200, context.panel.answer.status
    notes = context.panel.texts("errornote")
    assert any(text in note for note in notes), notes
