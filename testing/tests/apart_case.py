"""A database of a test's own, in which no run beside it sweeps or leases."""

from testing.tests.probe import ProbeCase, database_name, superuser_database


class ApartCase(ProbeCase):
    """Gives tests of orphans and free slots a database that nobody else looks into.

    Runs that other tests start sweep the test database, so a schema that lies
    there without a lease may be gone at any moment.
    """

    def setUp(self):
        super().setUp()
        self.database = self.enterContext(superuser_database(database_name()))
        self.probe = self.wrapper()
        self.session = self.open_session(wrapper=self.probe)

    def wrapper(self, alias="probe", **changes):
        """Return a Django connection to the database of the test's own."""
        return super().wrapper(alias, **({"NAME": self.database} | changes))

    def lease(self, number=1, *, wrapper=None, create=True):
        """Lease a slot in the database of the test's own."""
        return super().lease(number, wrapper=wrapper or self.probe, create=create)
