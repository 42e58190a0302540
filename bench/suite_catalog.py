"""The suites: Django projects whose source distribution holds their tests.

Their code is downloaded when a benchmark runs and stays out of this repository.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Suite:
    """How one project's tests are run as they are.

    Attributes:
        name: of the distribution on PyPI.
        version: the one whose outcomes are known; a newer one may do as well.
        settings: Python lines that make the project's own settings; what
            follows them replaces databases, runner and installed apps.
        labels: what is given to `manage.py test`.
        requires: what its tests need besides the project and its dependencies.
        folder: where the tests are run from, in the unpacked distribution.
        paths: further folders to import from.
        environment: variables that choose PostgreSQL, for one.
        leftovers: what a run leaves behind and the next one has to begin without.
        requires_file: a requirements file in the distribution, instead of a list.
        program: what starts the tests: ``django test``, or ``configure`` where
            the project calls ``settings.configure()`` itself, or
            ``runtests.py``, Django's own.
        aliases: the databases that tests use; all of the settings' by default.
        engine: the database backend, PostgreSQL's own or one that derives from it.
        by_order: tests whose outcome hangs on what ran before them in the same
            process, or on the clock, with stock as well, and how; they are
            named, not compared.

    """

    name: str
    version: str
    settings: str
    labels: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    folder: str = "."
    paths: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    requires_file: str = ""
    program: str = "django test"
    aliases: tuple[str, ...] = ()
    engine: str = "django.db.backends.postgresql"
    by_order: dict[str, str] = field(default_factory=dict)


SUITES = (
    Suite(
        name="django-import-export",
        version="4.4.3",
        settings="from settings import *",
        labels=("core",),
        requires=("tablib[all]>=3.7", "chardet", "pytz", "memory-profiler"),
        folder="tests",
        environment={"IMPORT_EXPORT_TEST_TYPE": "postgres"},
    ),
    Suite(
        name="django-simple-history",
        version="3.13.0",
        settings="""
import runtests
globals().update(runtests.get_default_settings(database_name="postgres"))
""",
        labels=("simple_history.tests", "simple_history.registry_tests"),
        program="configure",
    ),
    Suite(
        name="django-cms",
        version="5.1.3",
        settings="from cms.tests.settings import *",
        labels=("cms", "menus"),
        requires=(
            "dj-database-url",
            "django-app-helper",
            "djangocms-admin-style",
            "djangocms-text",
            "django-treebeard<6",
            "iptools",
            "mock",
            "Pillow",
            "pyflakes",
            "ruff",
            "unittest-xml-reporting",
            "setuptools<81",
        ),
        environment={"DATABASE_URL": "postgres://ignored/cms"},
    ),
    Suite(
        name="wagtail",
        version="8.0.1",
        settings="from wagtail.test.settings import *",
        labels=("wagtail",),
        requires=(
            "Jinja2>=3.0,<3.2",
            "boto3>=1.28,<2",
            "freezegun",
            "azure-identity>=1,<2",
            "azure-mgmt-cdn>=12,<15",
            "azure-mgmt-frontdoor>=1,<3",
            "azure-mgmt-subscription>=2,<4",
            "django-pattern-library",
            "responses",
            "polib",
            "factory-boy",
        ),
        environment={
            "DATABASE_ENGINE": "django.db.backends.postgresql",
            "DATABASE_NAME": "wagtail",
        },
        leftovers=("wagtail/tests/test-media", "wagtail/tests/test-static"),
        by_order={
            "wagtail.documents.tests.test_admin_views."
            "TestDocumentIndexResultsView.test_search": (
                "passes only after a test that empties the table of collections; "
                "alone it fails with stock, which then has the migrations' rows"
            ),
            "wagtail.admin.tests.test_workflows."
            "TestSnippetWorkflowPreview.test_preview_workflow_nonexistent_ids": (
                "takes 123 for the number of no task; with stock it fails, too, "
                "where the sequence of tasks is at 121 or 122 when it begins"
            ),
        },
    ),
    Suite(
        name="django",
        version="5.2.19",
        settings="""
from test_sqlite import *
INSTALLED_APPS = []
""",
        labels=(
            "basic",
            "fixtures",
            "fixtures_regress",
            "delete_regress",
            "get_or_create",
            "migrate_signals",
            "migration_test_data_persistence",
            "multiple_database",
            "proxy_models",
            "select_for_update",
            "serializers",
            "servers",
            "test_client",
            "test_utils",
            "transaction_hooks",
            "transactions",
            "view_tests",
        ),
        requires_file="tests/requirements/py3.txt",
        folder="tests",
        program="runtests.py",
        by_order={
            "serializers.test_deserialization.TestDeserializer."
            "test_crafted_xml_performance": (
                "compares times of milliseconds, and fails on a busy machine"
            )
        },
    ),
    Suite(
        name="django-auditlog",
        version="3.4.1",
        settings="from test_settings import *",
        folder="auditlog_tests",
        requires=("freezegun", "python-dateutil"),
        environment={"TEST_DB_BACKEND": "postgresql"},
        by_order={
            "auditlog_tests.tests.TestRelatedDiffs."
            "test_log_entry_deleted_fk_changes_to_string_objects_in_display_dict": (
                "fails where two sequences happen to stand at the same number"
            )
        },
    ),
    Suite(
        name="django-reversion",
        version="6.4.0",
        settings="from test_project.settings import *",
        labels=("test_app",),
        folder="tests",
    ),
    Suite(
        name="django-guardian",
        version="3.5.2",
        settings="from guardian.testapp.testsettings import *",
        labels=("guardian",),
        requires=("django-environ",),
        environment={"DATABASE_URL": "postgres://ignored/guardian"},
    ),
    Suite(
        name="django-axes",
        version="8.3.1",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("pytest",),
    ),
    Suite(
        name="django-constance",
        version="4.4.0",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("pytest", "redis"),
    ),
    Suite(
        name="django-debug-toolbar",
        version="8.0.0",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("jinja2", "html5lib", "django-csp", "django-template-partials"),
        environment={"DB_BACKEND": "postgresql", "DB_NAME": "toolbar"},
    ),
    Suite(
        name="django-filter",
        version="26.2",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("djangorestframework", "django-crispy-forms", "coreapi", "pytz"),
    ),
    Suite(
        name="django-tables2",
        version="3.0.1",
        settings="from tests.app.settings import *",
        labels=("tests",),
        requires=("lxml", "django-filter", "tablib[xls,yaml]", "psycopg2-binary"),
    ),
    Suite(
        name="django-modeltranslation",
        version="0.20.6",
        settings="from modeltranslation.tests.settings import *",
        labels=("modeltranslation",),
        requires=("pytest", "parameterized", "django-stubs-ext", "Pillow"),
        environment={"DB": "postgres"},
    ),
    Suite(
        name="django-model-utils",
        version="5.0.0",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("freezegun", "time-machine", "pytest"),
    ),
    Suite(
        name="easy-thumbnails",
        version="2.10.1",
        settings="from easy_thumbnails.tests.settings import *",
        labels=("easy_thumbnails",),
        requires=("testfixtures", "reportlab", "svglib"),
    ),
    Suite(
        name="wagtail-localize",
        version="1.14.5",
        settings="from tests.testapp.settings import *",
        labels=("tests",),
        paths=("src",),
        requires=(
            "dj-database-url",
            "django-rq",
            "freezegun",
            "google-cloud-translate",
            "wagtail-modeladmin",
        ),
        environment={"DATABASE_URL": "postgres://ignored/localize"},
    ),
    Suite(
        name="django-tenants",
        version="4.0.1",
        settings="from dts_test_project.settings import *",
        labels=("django_tenants",),
        folder="dts_test_project",
        engine="django_tenants.postgresql_backend",
        by_order={
            f"django_tenants.tests.{name}": "fails where schemas of others are left"
            for name in (
                "test_commands.AllTenantsCommandTestCase."
                "test_arguments_are_passed_to_the_wrapped_command",
                "test_tenants.TenantDataAndSettingsTest.test_non_auto_sync_tenant",
            )
        },
    ),
    Suite(
        name="django-silk",
        version="5.6.0",
        settings="from project.settings import *",
        labels=("tests",),
        folder="project",
        requires=("factory-boy", "freezegun", "networkx", "pydot", "Pillow"),
        by_order={
            "tests.test_encoding.TestJavaScriptContentTypeResponse."
            "test_json_content_type_warns_on_invalid_json": (
                "passes where another class has left a request in the process"
            )
        },
    ),
    Suite(
        name="django-multidb-router",
        version="0.11",
        settings="""
SECRET_KEY = "made for the tests"
DATABASES = {"default": {}, "replica": {"TEST": {"MIRROR": "default"}}}
REPLICA_DATABASES = ["replica"]
INSTALLED_APPS = ["multidb"]
""",
        labels=("multidb.tests",),
    ),
    Suite(
        name="django-contrib-comments",
        version="2.2.0",
        settings="""
import ast
from pathlib import Path
body = ast.parse(Path("runtests.py").read_text()).body
(call,) = (one.value for one in body if "settings.configure" in ast.unparse(one))
globals().update({one.arg: ast.literal_eval(one.value) for one in call.keywords})
""",
        labels=("testapp",),
        folder="tests",
        program="configure",
    ),
    Suite(
        name="django-cachalot",
        version="2.9.1",
        settings="""
from settings import *
# The other ones need servers of their own, or a folder that workers would share.
CACHES = {"default": CACHES["default"]}
""",
        labels=("cachalot.tests", "cachalot.admin_tests"),
        requires=("django-debug-toolbar", "Jinja2", "beautifulsoup4", "pytz"),
        environment={"DB_ENGINE": "postgresql"},
        aliases=("default",),
    ),
    Suite(
        name="django-hordak",
        version="2.0.0",
        settings="from example_project.settings import *",
        labels=("hordak",),
        requires=(
            "dj-database-url",
            "django-extensions",
            "mock",
            "parameterized",
            "psycopg2-binary",
            "pytest",
            "requests-mock",
            "setuptools<81",
        ),
        environment={"DATABASE_URL": "postgres://ignored/hordak"},
    ),
    Suite(
        name="django-ordered-model",
        version="3.7.4",
        settings="from tests.settings import *",
        labels=("tests",),
        requires=("djangorestframework",),
        by_order={
            f"tests.tests.{name}": "counts on numbers that sequences happen to stand at"
            for name in (
                "OrderedModelAdminTest.test_move_bottom",
                "ReorderModelTestCase.test_reorder_with_respect_to",
                "ReorderModelTestCase.test_reorder_with_respect_to_tuple",
            )
        },
    ),
    Suite(
        name="django-registration",
        version="5.2.1",
        settings="from test_settings import *",
        labels=("tests",),
        paths=("tests", "src"),
    ),
    Suite(
        name="django-user-accounts",
        version="3.3.2",
        settings="from account.tests.settings import *",
        labels=("account",),
    ),
    Suite(
        name="social-auth-app-django",
        version="8.0.0",
        settings="from tests.settings import *",
        labels=("tests",),
    ),
    Suite(
        name="wagtailmenus",
        version="4.2.0",
        settings="from wagtailmenus.settings.testing import *",
        labels=("wagtailmenus",),
        requires=("beautifulsoup4", "django-webtest", "wagtail<8", "setuptools<81"),
    ),
)
