"""The paths of accounts, under /api/v1/."""

from django.urls import path

from users.magic_link_views import MagicLinkConsumeView, MagicLinkRequestView
from users.password_views import (
    PasswordChangeView,
    ResetCompleteView,
    ResetRequestView,
)
from users.secret_views import RotateView, SecretsView
from users.views import LoginView, MeView, RegisterView, ValidateView

urlpatterns = [
    path("auth/register", RegisterView.as_view(), name="register"),
    path("auth/login", LoginView.as_view(), name="login"),
    path("auth/validate", ValidateView.as_view(), name="validate"),
    path("auth/password/change", PasswordChangeView.as_view(), name="password-change"),
    path(
        "auth/password-reset/request", ResetRequestView.as_view(), name="reset-request"
    ),
    path(
        "auth/password-reset/complete",
        ResetCompleteView.as_view(),
        name="reset-complete",
    ),
    path(
        "auth/magic-link/request",
        MagicLinkRequestView.as_view(),
        name="magic-link-request",
    ),
    path(
        "auth/magic-link/consume",
        MagicLinkConsumeView.as_view(),
        name="magic-link-consume",
    ),
    path("users/me", MeView.as_view(), name="me"),
    path("admin/jwt/secrets", SecretsView.as_view(), name="jwt-secrets"),
    path("admin/jwt/secrets/rotate", RotateView.as_view(), name="jwt-rotate"),
]
