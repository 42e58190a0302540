"""The admin panel and Swagger UI in a real browser."""

import re

from behave import given, then, when
from django.test import Client
from django.utils import timezone

from features.accounts import PASSWORD
from users.models import JwtSecret, MagicLink, User
from users.rotation import secret_rotate
from users.signing import primary_secret

ROWS = "#result_list tbody tr th"
PAGES = {
    "users": "/admin/users/user/",
    "groups": "/admin/auth/group/",
    "secrets": "/admin/users/jwtsecret/",
    "magic links": "/admin/users/magiclink/",
    "live settings": "/admin/constance/config/",
}


@given("a browser")
def browser(context):
    context.visit = context.browser.open(context.base_url)
    context.add_cleanup(context.visit.close)


@given("{name:w} is signed in to the panel")
def signed_in(context, name):
    """Give the browser the session of somebody who has come in through the door."""
    client = Client()
    client.force_login(User.objects.create_superuser(name, PASSWORD))
    browser(context)
    context.visit.add_cookie("sessionid", client.cookies["sessionid"].value)


@when("{name:w} signs in with the browser")
def sign_in(context, name):
    sign_in_with(context, name, PASSWORD)


@when('{name:w} signs in with the browser and the password "{password}"')
def sign_in_with(context, name, password):
    context.visit.go("/admin/")

    def act(page):
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()

    context.visit.do(act)


@given("there are the users {names}")
def users(context, names):
    for name in names.split(", "):
        user = User.objects.create_user(name, description=f"{name} dances")
        context.accounts[name] = user


@given("two secrets, one of them retired")
def two_secrets(context):
    context.former = primary_secret().kid
    secret_rotate()


@when("the page of the {name} is opened")
def open_page(context, name):
    context.visit.go(PAGES[name])


@when('"{text}" is searched for')
def search(context, text):
    def act(page):
        page.locator("#searchbar").fill(text)
        page.get_by_role("button", name="Search").click()

    context.visit.do(act)


@when('the list is filtered by "{filter_name}": "{choice}"')
def filter_list(context, filter_name, choice):
    def act(page):
        box = page.locator(f"details[data-filter-title='{filter_name}']")
        box.get_by_role("link", name=choice, exact=True).click()

    context.visit.do(act)


@when('the action "{action}" is done to {names}')
def act_on(context, action, names):
    chosen = names.split(", ")

    def act(page):
        for name in chosen:
            row = page.locator("#result_list tbody tr", has_text=name)
            row.locator("input.action-select").check()
        page.get_by_label("Action:").select_option(label=action)
        page.get_by_role("button", name="Go").click()

    context.visit.do(act)


@when('the former secret gets the action "{action}"')
def act_on_former(context, action):
    act_on(context, action, context.former)


@when("it is confirmed")
def confirm(context):
    button = re.compile("Yes, I.m sure")
    context.visit.do(lambda page: page.get_by_role("button", name=button).click())


@when('the field {label:w} is set to "{value}" and saved')
def set_field(context, label, value):
    def act(page):
        page.locator(f"[name={label}]").fill(value)
        page.get_by_role("button", name="Save", exact=True).click()

    context.visit.do(act)


@when("the box {label:w} is ticked and saved")
def tick_box(context, label):
    def act(page):
        page.locator(f"[name={label}]").check()
        page.get_by_role("button", name="Save", exact=True).click()

    context.visit.do(act)


@when('the user {name:w} gets the dance goal "{goal}"')
def change_goal(context, name, goal):
    context.visit.go(PAGES["users"])

    def act(page):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_label("Dance goal:").fill(goal)
        page.get_by_role("button", name="Save", exact=True).click()

    context.visit.do(act)


@when("the user {name:w} is added")
def add_user(context, name):
    context.visit.go(f"{PAGES['users']}add/")

    def act(page):
        page.get_by_label("Username:").fill(name)
        page.get_by_label("Password:").fill(PASSWORD)
        page.get_by_label("Password confirmation:").fill(PASSWORD)
        page.get_by_role("button", name="Save", exact=True).click()

    context.visit.do(act)


@when("the group {name:w} is added")
def add_group(context, name):
    context.visit.go(f"{PAGES['groups']}add/")

    def act(page):
        page.get_by_label("Name:").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()

    context.visit.do(act)


@given("a magic link for {email:S} is stored")
def link_stored(context, email):
    now = timezone.now()
    MagicLink.objects.create(
        token_hash="0" * 64, email=email, created_at=now, expires_at=now
    )


@when("Swagger UI is opened")
def open_swagger(context):
    context.visit.go("/swagger/")
    context.visit.do(lambda page: page.locator(".opblock").first.wait_for())


@when('the operation "{summary}" is tried out')
def try_out(context, summary):
    def act(page):
        block = page.locator(".opblock", has_text=summary).first
        block.click()
        block.get_by_role("button", name="Try it out").click()
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table .response-col_status").last
        answer.wait_for()
        return block.inner_text()

    context.text_seen = context.visit.do(act)


@then("Swagger UI shows {count:d} operations")
def operations(context, count):
    found = context.visit.do(lambda page: page.locator(".opblock").count())
    assert found == count, found


@then('it answers "{text}"')
def answers(context, text):
    assert text in context.text_seen, context.text_seen


@then("nothing was asked of the internet")
def no_internet(context):
    outside = [
        url
        for url in context.visit.requested
        if not url.startswith((context.base_url, "data:"))
    ]
    assert not outside, outside
    assert not context.visit.complaints, context.visit.complaints


@then('the panel greets "{text}"')
def greets(context, text):
    context.visit.expect("#user-tools", text)


@then('the panel says "{text}"')
def says(context, text):
    context.visit.expect(".main", text)


@then('the panel does not say "{text}"')
def does_not_say(context, text):
    found = context.visit.do(lambda page: page.content())
    assert text not in found, found


@then("the list shows {names}")
def shows(context, names):
    context.visit.expect(ROWS, names.split(", "))


@then("each secret is listed by its fingerprint alone")
def shows_fingerprints(context):
    rows = context.visit.do(lambda page: page.locator(ROWS).all_inner_texts())
    stored = JwtSecret.objects.values_list("kid", "encrypted")
    assert sorted(rows) == sorted(kid for kid, _ in stored), rows
    content = context.visit.do(lambda page: page.content())
    for _, encrypted in stored:
        assert encrypted not in content, "the encrypted secret is shown"


@then("another secret is the primary")
def rotated(context):
    assert JwtSecret.objects.get(is_primary=True).kid != context.former
    assert JwtSecret.objects.filter(kid=context.former).exists()


@then("the former secret is gone from the list")
def expired(context):
    content = context.visit.do(lambda page: page.locator("#result_list").inner_text())
    assert context.former not in content, content
    assert not JwtSecret.objects.filter(kid=context.former).exists()


@then('there is no button "{name}"')
def no_button(context, name):
    found = context.visit.do(
        lambda page: (
            page.get_by_role("button", name=name, exact=True).count()
            + page.get_by_role("link", name=name, exact=True).count()
        )
    )
    assert found == 0, found


@then("{name:w} has the dance goal {goal}")
def has_goal(context, name, goal):
    found = User.objects.get(username=name).current_goal
    assert found == goal.strip('"'), found


@then("{name:w} is {state:w} in the database")
def state_of(context, name, state):
    user = User.objects.get(username=name)
    states = {
        "deactivated": not user.is_active,
        "open": user.can_sign_in,
        "deleted": user.deleted_at is not None,
        "flagged": user.may_reset_password(now=timezone.now()),
    }
    assert states[state] is True, user
