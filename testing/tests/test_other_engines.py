"""Databases without schemas are made, cloned, kept and destroyed by Django."""

from unittest import mock

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test import SimpleTestCase

from testing.other_engines import OtherEngines


class OtherEnginesTests(SimpleTestCase):
    def connection(self):
        """Return a connection to a database in memory, under an alias of its own."""
        given = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": ":memory:",
            "TEST": {"NAME": None, "MIGRATE": True, "MIRROR": None},
        }
        connections.settings["elsewhere"] = given
        self.addCleanup(connections.settings.pop, "elsewhere")
        connections.configure_settings({"default": {}, "elsewhere": given})
        wrapper = DatabaseWrapper(
            {**connections["default"].settings_dict, **given}, "elsewhere"
        )
        connections["elsewhere"] = wrapper
        self.addCleanup(delattr, connections._connections, "elsewhere")
        return wrapper

    def test_none(self):
        """Without such aliases nothing is made and nothing asked."""
        others = OtherEngines()
        others.create(verbosity=0, interactive=False)
        others.enter(worker_id=1)
        others.destroy(verbosity=0)
        self.assertEqual(others.__getstate__()["_created"], [])

    def test_clones(self):
        """Several workers get a clone each; one works on the database itself."""
        wrapper = self.connection()
        creation = type(wrapper.creation)
        for workers, clones in ((1, 0), (3, 3)):
            with (
                self.subTest(workers=workers),
                mock.patch.object(creation, "create_test_db") as create,
                mock.patch.object(creation, "clone_test_db") as clone,
                mock.patch.object(creation, "setup_worker_connection") as enter,
                mock.patch.object(creation, "destroy_test_db") as destroy,
            ):
                others = OtherEngines(("elsewhere",), workers=workers)
                others.create(verbosity=0, interactive=False)
                others.enter(worker_id=2)
                others.destroy(verbosity=0)
                create.assert_called_once()
                self.assertEqual(clone.call_count, clones)
                self.assertEqual(enter.call_count, bool(clones))
                self.assertEqual(destroy.call_count, clones + 1)

    def test_two_aliases_of_one_database(self):
        """The second one is led to what the first one made, which is made once."""
        one = self.connection()
        other = DatabaseWrapper({**one.settings_dict}, "beside")
        connections["beside"] = other
        connections.settings["beside"] = other.settings_dict
        self.addCleanup(delattr, connections._connections, "beside")
        self.addCleanup(connections.settings.pop, "beside")
        creation = type(one.creation)

        def create(made, **options):
            made.connection.settings_dict["NAME"] = "made"

        with (
            mock.patch.object(creation, "test_db_signature", return_value=("x",)),
            mock.patch.object(creation, "create_test_db", autospec=True) as make,
            mock.patch.object(creation, "destroy_test_db") as destroy,
        ):
            make.side_effect = create
            others = OtherEngines(("elsewhere", "beside"))
            others.create(verbosity=0, interactive=False)
            make.assert_called_once()
            self.assertEqual(other.settings_dict["NAME"], "made")
            others.destroy(verbosity=0)
        destroy.assert_called_once()

    def test_flush(self):
        """After a test that commits each of them is emptied, as Django does."""
        with mock.patch("testing.other_engines.call_command") as command:
            OtherEngines(("elsewhere", "beside")).flush()
        self.assertEqual(
            [(call.args, call.kwargs["database"]) for call in command.mock_calls],
            [(("flush",), "elsewhere"), (("flush",), "beside")],
        )

    def test_serialized(self):
        """Canary: what `serialized_rollback` asks for is kept under Django's name."""
        wrapper = self.connection()
        creation = type(wrapper.creation)
        others = OtherEngines(("elsewhere",), serialized=frozenset({"elsewhere"}))
        with mock.patch.object(creation, "serialize_db_to_string", return_value="[1]"):
            others.serialize()
        self.assertEqual(wrapper._test_serialized_contents, "[1]")
        del wrapper._test_serialized_contents
        others.enter(worker_id=1)
        self.assertEqual(wrapper._test_serialized_contents, "[1]")
