"""What tests of the baseline share: a schema, its baseline, a look at all of it."""

from testing.baseline import Baseline
from testing.catalog import describe
from testing.tests.probe import ProbeCase


class BaselineCase(ProbeCase):
    """Works on one leased schema, as tests do: through a session of its own."""

    maxDiff = None
    statements = ()

    def setUp(self):
        super().setUp()
        self.leased = self.lease()
        for statement in self.statements:
            self.leased.session.execute(statement)
        self.user = self.open_session(options=self.leased.options)

    def start(self):
        """Take the baseline of the present state, and remember that state."""
        self.baseline = Baseline(self.leased.session, schema=self.leased.schema)
        self.remembered = self.look()

    def look(self):
        """Return all that is in the schema, positions of sequences included."""
        found = describe(self.leased.session, schema=self.leased.schema)
        inventory = self.baseline.inventory
        positions = self.baseline._positions(inventory)
        found["positions"] = sorted(
            (one.name, positions[one.oid]) for one in inventory.sequences
        )
        return found

    def execute(self, statement, params=None):
        return self.user.execute(statement, params)

    def value(self, statement):
        return self.execute(statement).fetchone()[0]

    def assertReset(self):
        """Assert that a reset goes back to the remembered state, exactly."""
        self.baseline.reset()
        self.assertEqual(self.look(), self.remembered)
