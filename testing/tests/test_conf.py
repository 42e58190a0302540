"""The engine's settings: read in one place, refused when they are unfit."""

import multiprocessing
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase, override_settings

from testing.conf import (
    CHOICES,
    LONGEST_PREFIX,
    EngineSettings,
    feature_from_environment,
    isolation_from_environment,
)
from testing.errors import UsageError


class LoadTests(SimpleTestCase):
    @override_settings(TESTING={})
    def test_defaults(self):
        """Without any key the engine works with its documented defaults."""
        engine = EngineSettings.load()
        self.assertEqual(engine, EngineSettings())
        self.assertEqual(engine.slot_prefix, "test")
        self.assertEqual(engine.extensions_schema, "test_extensions")

    def test_setting_may_be_missing(self):
        """A project without settings.TESTING gets the defaults."""
        with mock.patch("testing.conf.settings", spec=[]):
            self.assertEqual(EngineSettings.load(), EngineSettings())

    @override_settings(TESTING={"SLOT_PREFFIX": "test"})
    def test_unknown_key(self):
        """A key that would have no effect is refused, with the keys that exist."""
        with self.assertRaisesMessage(UsageError, "unknown key 'SLOT_PREFFIX'"):
            EngineSettings.load()
        with self.assertRaisesMessage(UsageError, "SLOT_PREFIX, START_METHOD,"):
            EngineSettings.load()

    def test_names_that_are_no_schemas(self):
        """A name that cannot be written without quotes is refused."""
        for key in ("SLOT_PREFIX", "EXTENSIONS_SCHEMA"):
            for value in ("", "Test", "te st", "te-st", '"x"', "a,public", "1x", 5):
                with (
                    self.subTest(key=key, value=value),
                    override_settings(TESTING={key: value}),
                    self.assertRaisesMessage(UsageError, f"settings.TESTING[{key!r}]"),
                ):
                    EngineSettings.load()

    def test_names_that_are_not_for_tests(self):
        """What belongs to the database, or is too long for a slot, is refused."""
        for key, value, words in (
            ("SLOT_PREFIX", "public", "belongs to the database"),
            ("EXTENSIONS_SCHEMA", "pg_catalog", "belongs to the database"),
            ("EXTENSIONS_SCHEMA", "pgthings", "belongs to the database"),
            ("SLOT_PREFIX", "x" * (LONGEST_PREFIX + 1), "too many for the name"),
        ):
            with (
                self.subTest(value=value),
                override_settings(TESTING={key: value}),
                self.assertRaisesMessage(UsageError, words),
            ):
                EngineSettings.load()
        with override_settings(TESTING={"SLOT_PREFIX": "x" * LONGEST_PREFIX}):
            self.assertEqual(len(EngineSettings.load().slot_prefix), LONGEST_PREFIX)

    def test_words_without_meaning(self):
        """A word that is no choice is refused, with those that are."""
        for key, choices in CHOICES.items():
            with (
                self.subTest(key=key),
                override_settings(TESTING={key.upper(): "nonsense"}),
                self.assertRaisesMessage(
                    UsageError, f"Next: use {' or '.join(map(repr, choices))}."
                ),
            ):
                EngineSettings.load()

    @override_settings(TESTING={"START_METHOD": "thread"})
    def test_unknown_start_method(self):
        """A start method that the platform does not offer is refused."""
        with self.assertRaisesMessage(UsageError, "is 'thread', and this platform"):
            EngineSettings.load()

    @override_settings(TESTING={"HAZARDS": "warn"})
    def test_unknown_hazards(self):
        """A word for hazards that has no meaning is refused."""
        with self.assertRaisesMessage(UsageError, "['HAZARDS'] is 'warn'"):
            EngineSettings.load()

    def test_hazards_accepted(self):
        """Only kinds of hazards that exist can be accepted, in a list."""
        with override_settings(TESTING={"HAZARDS_ACCEPTED": ["role", "public: x/*"]}):
            self.assertEqual(
                EngineSettings.load().hazards_accepted, ["role", "public: x/*"]
            )
        for value, message in (
            (["roles"], "names 'roles', which is no kind"),
            (["role", "x: y"], "names 'x', which is no kind"),
            ("role", "['HAZARDS_ACCEPTED'] is a text"),
        ):
            with (
                override_settings(TESTING={"HAZARDS_ACCEPTED": value}),
                self.assertRaisesMessage(UsageError, message),
            ):
                EngineSettings.load()


class SurroundingsTests(SimpleTestCase):
    def test_unfit(self):
        """Only the parts that exist can be asked for, in a list or as `auto`."""
        for value in ("media", "", None, ["media", "ports"], {"media": True}, 1):
            with (
                self.subTest(value=value),
                override_settings(TESTING={"SURROUNDINGS": value}),
                self.assertRaisesMessage(
                    UsageError, "settings.TESTING['SURROUNDINGS']"
                ),
            ):
                EngineSettings.load()

    def test_auto(self):
        """Suites of Django's own runner keep their folders; features have their own."""
        engine = EngineSettings()
        for runs_features, workers, parts in (
            (False, 1, set()),
            (False, 2, {"caches"}),
            (True, 1, {"caches", "media", "mail"}),
            (True, 8, {"caches", "media", "mail"}),
        ):
            with self.subTest(runs_features=runs_features, workers=workers):
                self.assertEqual(
                    engine.own_surroundings(
                        runs_features=runs_features, workers=workers
                    ),
                    parts,
                )

    def test_named(self):
        """What is named is in force for both commands and any number of workers."""
        for value in (["media"], ("caches", "mail"), []):
            with override_settings(TESTING={"SURROUNDINGS": value}):
                engine = EngineSettings.load()
            for runs_features, workers in ((False, 1), (True, 2)):
                with self.subTest(value=value, runs_features=runs_features):
                    self.assertEqual(
                        engine.own_surroundings(
                            runs_features=runs_features, workers=workers
                        ),
                        set(value),
                    )

    @override_settings(TESTING={"WORKER_SETUP": "module.function"})
    def test_worker_setup_as_text(self):
        """A text where a list is wanted is refused."""
        with self.assertRaisesMessage(UsageError, "TESTING['WORKER_SETUP'] is a text"):
            EngineSettings.load()


class StartMethodTests(SimpleTestCase):
    def test_named_method_is_taken(self):
        """A start method named in the settings is the one that is used."""
        for method in multiprocessing.get_all_start_methods():
            with self.subTest(method=method):
                engine = EngineSettings(start_method=method)
                self.assertEqual(engine.choose_start_method(), method)

    def test_auto_forks_on_linux_alone(self):
        """The choice of `auto` depends on the platform, not on Python's default."""
        for platform, method in (
            ("linux", "fork"),
            ("darwin", "spawn"),
            ("win32", "spawn"),
        ):
            with (
                self.subTest(platform=platform),
                mock.patch("testing.conf.sys.platform", platform),
            ):
                self.assertEqual(EngineSettings().choose_start_method(), method)


class ResetFunctionsTests(SimpleTestCase):
    def test_functions_are_imported(self):
        """Dotted paths become the functions they name, in their order."""
        engine = EngineSettings(reset=("os.getcwd", "os.getpid"))
        names = [function.__name__ for function in engine.reset_functions()]
        self.assertEqual(names, ["getcwd", "getpid"])

    def test_wrong_paths(self):
        """A path that cannot be imported is refused by its name."""
        for path in ("os.no_such_function", "no_such_module.function", "function"):
            with (
                self.subTest(path=path),
                self.assertRaisesMessage(UsageError, f"names {path!r}"),
            ):
                EngineSettings(reset=(path,)).reset_functions()


class FoldersTests(SimpleTestCase):
    def test_project_dir(self):
        """The project's folder is BASE_DIR, else the present one."""
        with override_settings(BASE_DIR="/somewhere"):
            self.assertEqual(EngineSettings().project_dir, Path("/somewhere"))
        with mock.patch("testing.conf.settings", spec=[]):
            self.assertEqual(EngineSettings().project_dir, Path.cwd())

    @override_settings(BASE_DIR="/somewhere")
    def test_journal_dir(self):
        """Journals are kept in the project unless CACHE_DIR says otherwise."""
        self.assertEqual(EngineSettings().journal_dir, Path("/somewhere/.testing"))
        named = EngineSettings(cache_dir="/elsewhere")
        self.assertEqual(named.journal_dir, Path("/elsewhere"))


class EnvironmentTests(SimpleTestCase):
    def test_isolation_words(self):
        """BDD_SCHEMA_ISOLATION knows two words; unset it means `true`."""
        with mock.patch.dict("os.environ"):
            import os

            os.environ.pop("BDD_SCHEMA_ISOLATION", None)
            self.assertIs(isolation_from_environment(), True)
            for word, meaning in (("true", True), ("false", False)):
                os.environ["BDD_SCHEMA_ISOLATION"] = word
                self.assertIs(isolation_from_environment(), meaning)

    def test_other_isolation_words(self):
        """Any other word is refused, the empty one and capitals included."""
        for word in ("", "0", "1", "True", "FALSE", "no", "true "):
            with (
                self.subTest(word=word),
                mock.patch.dict("os.environ", BDD_SCHEMA_ISOLATION=word),
                self.assertRaisesMessage(
                    UsageError, f"BDD_SCHEMA_ISOLATION is {word!r}"
                ),
            ):
                isolation_from_environment()

    def test_feature(self):
        """FEATURE chooses a package; unset it chooses none."""
        with mock.patch.dict("os.environ", FEATURE="auth"):
            self.assertEqual(feature_from_environment(), "auth")
        with mock.patch.dict("os.environ", FEATURE=""):
            self.assertEqual(feature_from_environment(), "")
