"""The paths of accounts, under /api/v1/."""

from django.urls import path

from users.views import LoginView, MeView, RegisterView, ValidateView

urlpatterns = [
    path("auth/register", RegisterView.as_view(), name="register"),
    path("auth/login", LoginView.as_view(), name="login"),
    path("auth/validate", ValidateView.as_view(), name="validate"),
    path("users/me", MeView.as_view(), name="me"),
]
