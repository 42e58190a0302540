"""A workplace of a test's own, on schemas of the project's migrations."""

from testing.occupancy import enter, leave
from testing.preparation import prepare, restore
from testing.schemas import Mark
from testing.tests.apart_case import ApartCase
from testing.tests.probe import drop_schema, prefix


class WorkplaceCase(ApartCase):
    """Gives tests a plan and a workplace, in a database of the test's own."""

    def setUp(self):
        super().setUp()
        self.given = self.engine_settings()

    def plan(self, *, takes_over=False, **options):
        """Return a plan, by default without the schema that was recorded in."""
        plan = prepare(aliases=["probe"], verbosity=0, **options)
        self.addCleanup(restore, plan)
        if not takes_over:
            for name in self.schemas():
                if name != "extensions" and self.mark(name).state == "recorded":
                    drop_schema(self.session, f"{prefix()}_{name}")
        return plan

    def enter(self, plan, worker_id=1):
        """Occupy a workplace until the test ends."""
        entered = enter(plan, worker_id=worker_id)
        self.addCleanup(leave, entered)
        return entered

    def schemas(self):
        """Return the schemas of the probe's own, without what they share."""
        rows = self.session.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
            " ORDER BY 1",
            [f"{prefix()}_"],
        ).fetchall()
        return [row[0].removeprefix(f"{prefix()}_") for row in rows]

    def mark(self, name):
        """Return the mark of one of them, None without a schema or a mark."""
        row = self.session.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE nspname = %s",
            [f"{prefix()}_{name}"],
        ).fetchone()
        return row and Mark.parse(row[0])
