"""The admin panel: Django's admin under the name of this service."""

from __future__ import annotations

from django.contrib import admin

from users.sign_in_form import SignInForm

__all__ = ["Panel"]


class Panel(admin.AdminSite):
    """The site on which every app registers what can be administered."""

    site_header = "Dance coach"
    site_title = "Dance coach"
    index_title = "Administration"
    # There is no site to view but the API, which the header links to.
    site_url = None
    login_form = SignInForm
