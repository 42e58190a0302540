from django.test import TestCase

from users.forms import UserChangeForm, UserCreationForm
from users.models import User

PASSWORD = "correct horse 9"


class UserCreationFormTests(TestCase):
    def form(self, **data):
        passwords = {"password1": PASSWORD, "password2": PASSWORD}
        return UserCreationForm({"usable_password": "true", **passwords, **data})

    def test_good(self):
        """A good name and password make a user who can sign in."""
        form = self.form(username="Dancer")
        self.assertIs(form.is_valid(), True, form.errors)
        self.assertIs(form.save().check_password(PASSWORD), True)

    def test_names(self):
        """A broken name and a taken one are errors of the name."""
        User.objects.create_user("Dancer")
        for username in ("a b", "ab", "dANCER"):
            with self.subTest(username=username):
                self.assertEqual(
                    list(self.form(username=username).errors), ["username"]
                )

    def test_weak_password(self):
        """The password validators apply to administrators too."""
        form = self.form(username="Dancer", password1="dancer12", password2="dancer12")
        self.assertIs(form.is_valid(), False)
        self.assertNotIn("username", form.errors)


class UserChangeFormTests(TestCase):
    def test_hash_is_not_editable(self):
        """The password's field shows the kind of hash and takes no input."""
        user = User.objects.create_user("Dancer", PASSWORD)
        form = UserChangeForm({"username": "Dancer", "password": "raw"}, instance=user)
        self.assertIs(form.is_valid(), True, form.errors)
        form.save()
        user.refresh_from_db()
        self.assertIs(user.check_password(PASSWORD), True)
        self.assertNotIn(user.password, form.as_p())
