"""A Django project with something of every kind that PostgreSQL has.

Its migrations use each of Django's ways to change a schema, and plain SQL for
what Django has no way to. ``FILES`` are the project, by path. Its apps are
chosen by the variable ``APPS``: ``plain rich`` are the project, ``extended`` needs
the extensions that Debian's packages bring, and a migration of ``unseen`` does
what the word put for ``UNSEEN`` in it says: things that no journal sees or can repeat.
"""

SETTINGS = """
import os

globals().update(
    {
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }
)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    # Without it Django refuses this server's own fields from 6.1 on.
    "django.contrib.postgres",
    "testing",
    *os.environ["APPS"].split(),
]
MIDDLEWARE = []
ROOT_URLCONF = "urls"
AUTH_USER_MODEL = "auth.User"
SILENCED_SYSTEM_CHECKS = ["fields.W904"]
# Extensions are one of each in a database.
DATABASES["default"]["TEST"] = {"NAME": os.environ["TEST_DATABASE"]}
TESTING = {
    "SLOT_PREFIX": os.environ["SLOT_PREFIX"],
    "EXTENSIONS_SCHEMA": os.environ["EXTENSIONS_SCHEMA"],
    "CACHE_DIR": os.environ["CACHE_DIR"],
}
"""

PLAIN_MODELS = """
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=20, unique=True)
    others = models.ManyToManyField("self")
"""

RICH_APPS = """
from django.apps import AppConfig
from django.db.models.signals import post_migrate


def make_views(sender, using, **_):
    from django.db import connections

    with connections[using].cursor() as cursor:
        cursor.execute(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS author_count AS"
            " SELECT count(*) AS n FROM rich_author"
        )


class RichConfig(AppConfig):
    name = "rich"

    def ready(self):
        post_migrate.connect(make_views, sender=self)
"""

RICH_MODELS = """
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, IntegerRangeField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, Upper


class Author(models.Model):
    name = models.CharField(max_length=40, db_comment="it's a name")
    tags = ArrayField(models.CharField(max_length=9), default=list)
    made = models.DateTimeField(db_default=Now())
    shout = models.GeneratedField(
        expression=Upper("name"),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    words = SearchVectorField(null=True)

    class Meta:
        db_table_comment = "who writes; it's ours"
        indexes = [
            GinIndex(fields=["tags"], name="tags_gin"),
            BrinIndex(fields=["made"], name="made_brin"),
            HashIndex(fields=["name"], name="name_hash"),
            models.Index(fields=["-made"], name="newest_first"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="name_any_case"),
            models.CheckConstraint(condition=~Q(name="%"), name="name_is_a_name"),
        ]


class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    title = models.CharField(max_length=40, db_index=True)
    place = models.PositiveIntegerField()
    pages = IntegerRangeField(null=True)
    is_draft = models.BooleanField(db_default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["title"], name="drafts", condition=Q(is_draft=True)
            ),
            models.Index(fields=["author"], include=["title"], name="title_too"),
            models.Index(F("place") * 2, name="twice"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "place"],
                name="one_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["title"],
                name="one_title",
                include=["place"],
                nulls_distinct=False,
            ),
            ExclusionConstraint(
                name="pages_apart",
                expressions=[("pages", "&&")],
                condition=Q(is_draft=False),
            ),
        ]
"""

RAW_SQL = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from psycopg import sql

from testing.tests.rich_schema import statements_for

SEVERAL = '''
CREATE TABLE raw (id bigserial PRIMARY KEY, note text DEFAULT '50 % off; %s');
-- a comment; with a semicolon
INSERT INTO raw (note) VALUES ('a;b'), ($$c;'d'$$), ($x$ $$ $x$);
DO $body$
DECLARE n int;
BEGIN
    FOR n IN 1..3 LOOP
        INSERT INTO raw (note) VALUES (format('loop %s: %I', n, 'x y'));
    END LOOP;
END $body$;
SELECT setval('raw_id_seq', 50);
'''


def everything(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made_by_code (x int, y text)")
        cursor.executemany(
            "INSERT INTO made_by_code VALUES (%s, %s)", ((n, "%") for n in range(3))
        )
        for name in ("one", "two"):
            cursor.execute(
                sql.SQL("INSERT INTO {} (x, y) VALUES ({}, {})").format(
                    sql.Identifier("made_by_code"), 7, name
                )
            )
        cursor.execute("SELECT count(*) FROM made_by_code WHERE y LIKE '%'")
        if cursor.fetchone()[0] == 5:
            cursor.execute("INSERT INTO made_by_code VALUES (8, 'five')")
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    editor.execute("COMMENT ON TABLE made_by_code IS '100 %%'", ())
    for _, statement in statements_for(editor.connection.connection):
        editor.execute(statement, None)


def rows(apps, editor):
    Author = apps.get_model("rich.Author")
    Book = apps.get_model("rich.Book")
    made = Author.objects.bulk_create(
        Author(name=f"author {n}", tags=["a", "b'c"], made="2020-01-01T00:00Z")
        for n in range(4)
    )
    for author in Author.objects.order_by("id").iterator(chunk_size=2):
        Book.objects.create(author=author, title=f"% of {author.name}", place=1)
    Book.objects.filter(author=made[0]).update(place=models.F("place") + 4)
    Author.objects.filter(name="author 3").delete()
"""

MIGRATIONS = {
    "0001_start": """
from django.db import migrations


class Migration(migrations.Migration):
    operations = []
""",
    "0001_squashed_0002_more": """
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("rich", "0001_start"), ("rich", "0002_more")]
    initial = True
    operations = [
        migrations.CreateModel(
            "Passing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("old", models.CharField(max_length=9)),
            ],
        ),
        migrations.RenameField("Passing", "old", "new"),
        migrations.AlterField("Passing", "new", models.TextField(null=True)),
        migrations.RenameModel("Passing", "Passed"),
        migrations.RunSQL("INSERT INTO rich_passed (new) VALUES ('gone')"),
        migrations.DeleteModel("Passed"),
    ]
""",
    "0002_more": """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rich", "0001_start")]
    operations = []
""",
    # What makemigrations writes for the models, taken from them.
    "0003_models": """
from django.db import migrations
from django.db.migrations.state import ModelState
from rich import models

STATES = [ModelState.from_model(model) for model in (models.Author, models.Book)]


class Migration(migrations.Migration):
    dependencies = [("rich", "0001_squashed_0002_more")]
    operations = [
        migrations.CreateModel(one.name, list(one.fields.items()), one.options)
        for one in STATES
    ]
""",
    "0004_by_hand": RAW_SQL
    + """

class Migration(migrations.Migration):
    dependencies = [("rich", "0003_models")]
    operations = [
        migrations.RunSQL(SEVERAL),
        migrations.RunSQL(["SELECT 1", ("INSERT INTO raw (note) VALUES (%s)", ["%"])]),
        migrations.RunPython(everything),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("ALTER TABLE raw ADD extra int DEFAULT 5")
            ],
            state_operations=[
                migrations.CreateModel(
                    "Raw", [("id", models.BigAutoField(primary_key=True))]
                )
            ],
        ),
    ]
""",
    "0005_alone": RAW_SQL
    + """

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rich", "0004_by_hand")]
    operations = [
        AddIndexConcurrently("book", models.Index(fields=["place"], name="late")),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY by_note ON raw (note)"),
        migrations.RunPython(rows, atomic=True),
        migrations.RunSQL("REFRESH MATERIALIZED VIEW thick"),
    ]
""",
}

UNSEEN = """
from django.db import migrations


def unseen(apps, editor):
    raw = editor.connection.connection
    how = "UNSEEN"
    if how == "driver":
        raw.execute("CREATE TABLE by_the_driver (x int)")
    elif how == "copy":
        with editor.connection.cursor() as cursor:
            cursor.execute("CREATE TABLE copied (x int)")
            with cursor.copy("COPY copied FROM STDIN") as copy:
                copy.write_row([1])
    elif how == "callproc":
        with editor.connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE called")
            cursor.callproc("setval", ["called", 5])
    elif how == "clock":
        editor.execute("CREATE TABLE clock AS SELECT clock_timestamp() AS now")
    elif how == "public":
        editor.execute("SELECT 1 FROM pg_indexes WHERE schemaname = 'public'")
    elif how == "schema":
        editor.execute("CREATE SCHEMA IF NOT EXISTS beyond")
        editor.execute("CREATE TABLE IF NOT EXISTS beyond.t (x int)")
    elif how == "name":
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            cursor.execute(f"CREATE TABLE {cursor.fetchone()[0]}.named (x int)")
    elif how == "random":
        editor.execute("CREATE TABLE rolled AS SELECT gen_random_uuid() AS id")


class Migration(migrations.Migration):
    operations = [migrations.RunPython(unseen)]
"""

# Classes wait for each other, so that each of two workers has one.
MEETING = """
import os
import time
from pathlib import Path

from django.db import connection


def meet(cls):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database() || '.' || current_schema()")
        name = cursor.fetchone()[0]
    connection.close()
    place = Path(os.environ["CACHE_DIR"]) / "meeting"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).touch()
    end = time.monotonic() + 60
    while len(list(place.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    if len(list(place.iterdir())) < 2:
        raise TimeoutError(f"{cls.__name__} is alone on {name}")
"""

UNSEEN_TESTS = """
import os

from django.db import connection
from django.test import TransactionTestCase
from meeting import meet

EXPECTED = {
    "driver": "SELECT count(*) = 0 FROM by_the_driver",
    "copy": "SELECT count(*) = 1 FROM copied",
    "callproc": "SELECT nextval('called') = 6",
    "clock": "SELECT count(*) = 1 FROM clock",
    "random": "SELECT count(*) = 1 FROM rolled",
    "public": "SELECT current_schema() = 'public'",
    "schema": "SELECT count(*) = 0 FROM beyond.t",
    "name": "SELECT count(*) = 0 FROM named",
}


class One(TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        meet(cls)

    def test_expected(self):
        with connection.cursor() as cursor:
            cursor.execute(EXPECTED[os.environ["UNSEEN"]])
            self.assertEqual(cursor.fetchone(), (True,))

    def test_again(self):
        self.test_expected()


class Two(One):
    pass
"""

EXTENDED = """
from django.contrib.postgres import operations
from django.contrib.postgres.fields import HStoreField
from django.db import migrations, models

TABLE = '''
CREATE TABLE extended (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    name citext UNIQUE, more hstore DEFAULT 'a=>1', room int, at tstzrange,
    place geometry(Point, 4326), EXCLUDE USING gist (room WITH =, at WITH &&));
INSERT INTO extended (id, name, room, at, place) VALUES
    ('00000000-0000-0000-0000-000000000001', 'Ada', 1, '[2020-01-01,2020-02-01)',
     ST_SetSRID(ST_MakePoint(1, 2), 4326));
CREATE INDEX alike ON extended USING gin (name gin_trgm_ops);
CREATE INDEX both_ways ON extended USING gin (room, name gin_trgm_ops);
CREATE INDEX near ON extended USING gist (place);
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE TEXT SEARCH CONFIGURATION bare (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION bare ALTER MAPPING FOR word WITH unaccent, simple;
COMMENT ON EXTENSION unaccent IS 'without accents';
ALTER EXTENSION unaccent UPDATE;
DROP EXTENSION IF EXISTS tablefunc;
'''


class Migration(migrations.Migration):
    operations = [
        operations.CITextExtension(),
        operations.HStoreExtension(),
        operations.TrigramExtension(),
        operations.BtreeGistExtension(),
        operations.BtreeGinExtension(),
        operations.CryptoExtension(),
        operations.CreateExtension("uuid-ossp"),
        migrations.RunSQL('CREATE EXTENSION IF NOT EXISTS "postgis" SCHEMA public'),
        operations.CreateCollation("by_number", "en-u-kn-true", provider="icu"),
        operations.CreateCollation(
            "no_case", "und-u-ks-level2", provider="icu", deterministic=False
        ),
        migrations.RunSQL(TABLE),
        migrations.CreateModel(
            "Sorted",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=9, db_collation="by_number")),
                ("code", models.TextField(db_collation="no_case", unique=True)),
                ("more", HStoreField(default=dict)),
            ],
        ),
    ]
"""

EXTENDED_TESTS = """
from django.db import IntegrityError, connection
from django.test import TestCase, TransactionTestCase
from rich.tests import value


class Features:
    def test_types(self):
        one = "SELECT more->'a' FROM extended WHERE name = 'ADA'"
        self.assertEqual(value(one), "1")
        self.assertEqual(value("SELECT ST_X(place) FROM extended"), 1.0)
        self.assertIs(value("SELECT similarity('dance', 'dancing') > 0.3"), True)
        self.assertEqual(value("SELECT to_tsvector('bare', 'Café')::text"), "'cafe':1")
        self.assertGreater(value("SELECT count(*) FROM spatial_ref_sys"), 1000)
        self.assertEqual(len(value("SELECT gen_salt('bf')")), 29)

    def test_collations(self):
        for name in ("a10", "a9"):
            value("INSERT INTO extended_sorted (name, code, more) VALUES (%s, %s, '')",
                  name, name)
        self.assertEqual(value("SELECT min(name) FROM extended_sorted"), "a9")
        self.assertEqual(value("SELECT name FROM extended_sorted WHERE code = 'A10'"),
                         "a10")


class Transacted(Features, TestCase):
    def test_apart(self):
        with self.assertRaises(IntegrityError):
            value("INSERT INTO extended (name, room, at) SELECT 'x', room, at"
                  " FROM extended")


class Committed(Features, TransactionTestCase):
    def test_rows(self):
        self.assertEqual(value("SELECT count(*) FROM extended"), 1)
        value("UPDATE extended SET name = 'ada', place = NULL, more = NULL")
        value("INSERT INTO extended (name) VALUES ('Bob')")

    def test_rows_again(self):
        self.test_rows()


class CommittedAgain(Committed):
    pass
"""

TESTS = """
import os

from django.db import IntegrityError, connection, transaction
from django.test import TestCase, TransactionTestCase
from meeting import meet
from plain.models import Thing
from rich.models import Author, Book

from testing.occupancy import baseline_of


def value(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchone()[0] if cursor.description else None


class Features:
    def test_rows(self):
        self.assertEqual(Author.objects.count(), 3)
        self.assertEqual(Book.objects.get(place=5).title, "% of author 0")
        self.assertEqual(Author.objects.first().shout, "AUTHOR 0")
        self.assertEqual(value("SELECT n FROM author_count"), 3)
        self.assertEqual(value("SELECT count(*) FROM raw"), 7)
        self.assertEqual(value("SELECT count(*) FROM made_by_code"), 6)

    def test_defaults(self):
        Thing.objects.create(name="x").others.add(Thing.objects.create(name="y"))
        author = Author.objects.create(name="new")
        author.refresh_from_db()
        self.assertIsNotNone(author.made)
        self.assertIs(Book.objects.create(author=author, title="b", place=1).is_draft,
                      True)

    def assertRefused(self, statement):
        with self.assertRaises(IntegrityError), transaction.atomic():
            value(statement)

    def test_constraints(self):
        self.assertRefused("INSERT INTO rich_author (name, tags) VALUES ('%', '{}')")
        self.assertRefused(
            "INSERT INTO rich_author (name, tags) VALUES ('AUTHOR 0', '{}')"
        )
        self.assertRefused("INSERT INTO shelf (span_of) VALUES ('[2,3)')")
        self.assertRefused("INSERT INTO author (name, age) VALUES ('x', -1)")

    def test_code(self):
        self.assertEqual(value("SELECT pages_of(5)"), 10)
        self.assertEqual(value("SELECT here()"), 2)
        self.assertEqual(value("SELECT total(x) FROM made_by_code"), 25)
        self.assertIs(value("SELECT (1, 'a')::pair <<< (2, 'a')::pair"), True)
        self.assertEqual(value("SELECT to_tsvector('plain', 'the Dance')::text"),
                         "'dance':2")
        value("INSERT INTO titles (title) VALUES ('through a view')")
        value("INSERT INTO book (title, pages, author_id) VALUES ('t', 9, 5)")
        self.assertEqual(value("SELECT title FROM book WHERE pages = 9"), "t '%s'")
        value("DELETE FROM kept")
        self.assertEqual(value("SELECT count(*) FROM kept"), 1)
        value("UPDATE scratch SET x = 5 WHERE x = 2")
        self.assertEqual(value("SELECT count(*) FROM log"), 3)
        value("INSERT INTO hashed VALUES (7, 'x')")

    def test_views(self):
        value("INSERT INTO book (title, author_id) VALUES ('seen', 5)")
        for view in ("thick", "gap", "author_count"):
            value(f"REFRESH MATERIALIZED VIEW {view}")
        self.assertEqual(value("SELECT count(*) FROM thick"), 3)

    def test_place(self):
        schema = value("SELECT current_schema()")
        self.assertTrue(schema.startswith(os.environ["SLOT_PREFIX"]), schema)
        self.assertIs(value("SELECT count(*) > 90 FROM pg_class WHERE relnamespace ="
                            " current_schema()::regnamespace"), True)


class InTransactions1(Features, TestCase):
    pass


class InTransactions2(Features, TestCase):
    pass


class Committing1(Features, TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        meet(cls)

    def test_sequences(self):
        self.assertEqual(value("SELECT nextval('raw_id_seq')"), 52)
        self.assertEqual(value("SELECT nextval('down')"), 9)
        self.assertEqual(Author.objects.create(name="new").id, 5)

    def test_changed_things(self):
        self.assertEqual(Book.objects.count(), 3)
        value("UPDATE rich_book SET place = 9 WHERE title = '% of author 1'")
        value("ALTER TABLE rich_book RENAME title TO name")
        value("DROP TABLE scratch CASCADE")

    def test_new_things(self):
        self.assertIsNone(value("SELECT to_regclass('mine')::text"))
        value("CREATE TABLE mine (x int REFERENCES author)")


class Committing2(Committing1):
    pass


class Committing3(Committing1):
    pass
"""

FILES = {
    "rich_settings.py": SETTINGS,
    "plain/__init__.py": "",
    "meeting.py": MEETING,
    "urls.py": "urlpatterns = []\n",
    "plain/models.py": PLAIN_MODELS,
    "rich/__init__.py": "",
    "rich/apps.py": RICH_APPS,
    "rich/models.py": RICH_MODELS,
    "rich/migrations/__init__.py": "",
    **{f"rich/migrations/{name}.py": text for name, text in MIGRATIONS.items()},
    "rich/tests.py": TESTS,
    "extended/__init__.py": "",
    "extended/migrations/__init__.py": "",
    "extended/migrations/0001_initial.py": EXTENDED,
    "extended/tests.py": EXTENDED_TESTS,
    "unseen/__init__.py": "",
    "unseen/migrations/__init__.py": "",
    "unseen/migrations/0001_initial.py": UNSEEN,
    "unseen/tests.py": UNSEEN_TESTS,
}
