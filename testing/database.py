"""The test database: found or created, and reached without Django's connections."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from testing.errors import SetupFailure
from testing.pooler import refusal_of_options, require_own_session

__all__ = [
    "connect",
    "connect_on_path",
    "create_database",
    "ensure_test_database",
    "test_database_name",
]

# While a database is copied nobody else may be connected to the original; the
# server itself waits 5 seconds before it gives up.
TRIES = 20


def test_database_name(connection: BaseDatabaseWrapper) -> str:
    """Return the name of the database in which a connection's tests run."""
    named = connection.settings_dict["TEST"].get("NAME")
    return str(named or f"test_{connection.settings_dict['NAME']}")


def ensure_test_database(connection: BaseDatabaseWrapper) -> None:
    """Point ``connection`` at its test database, creating it when it is missing.

    The database is left in place afterwards, empty: dropping one makes the
    server write a checkpoint. Safe in several processes at once.

    Raises:
        SetupFailure: the engine is not PostgreSQL, the server does not answer,
            or the role may not create the database.

    """
    if connection.vendor != "postgresql":
        raise SetupFailure(
            f"The database {connection.alias!r} uses "
            f"{connection.settings_dict['ENGINE']}, and schemas are a feature of "
            f"PostgreSQL. Next: let DATABASES[{connection.alias!r}] be one, or set "
            "TEST_RUNNER = 'django.test.runner.DiscoverRunner'."
        )
    name = test_database_name(connection)
    # In place: threads of a live server share this very dictionary.
    original = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        connect(connection).close()
    except OperationalError as error:
        if not _says_missing_database(error):
            connection.settings_dict["NAME"] = original
            raise _unreachable(connection, error) from error
        _create(connection, name=name, original=original)


def connect(
    connection: BaseDatabaseWrapper,
    *,
    database: str | None = None,
    options: str = "",
    application_name: str = "django-schema-testing",
) -> psycopg.Connection[Any]:
    """Open a connection of the engine's own, in autocommit, as Django would.

    ``options`` are server settings in the form of libpq's parameter of that
    name. The caller closes it. The signal ``connection_created`` is not sent: a
    receiver may ask for the connection of that alias, as ``django.contrib.postgres``
    does, and its database need not be there yet.

    Raises:
        SetupFailure: a pooler refuses those options.

    """
    wrapper = connection.copy()
    wrapper.settings_dict["NAME"] = database or wrapper.settings_dict["NAME"]
    parameters = wrapper.settings_dict["OPTIONS"]
    parameters.pop("pool", None)
    parameters["application_name"] = application_name
    if options:
        parameters["options"] = f"{parameters.get('options', '')} {options}".strip()
    try:
        _open(wrapper)
    except OperationalError as error:
        refusal = refusal_of_options(error, place=wrapper.settings_dict)
        raise (refusal or error) from error
    raw: psycopg.Connection[Any] = wrapper.connection
    return raw


def _open(wrapper: BaseDatabaseWrapper) -> None:
    with wrapper.wrap_database_errors:
        wrapper.connection = wrapper.get_new_connection(wrapper.get_connection_params())
        wrapper.set_autocommit(True)
        wrapper.init_connection_state()


def connect_on_path(
    connection: BaseDatabaseWrapper,
    *,
    options: str,
    path: str,
    application_name: str,
) -> psycopg.Connection[Any]:
    """Open a connection that is known to be a session of its own, on ``path``.

    Raises:
        SetupFailure: a pooler is in between that cannot promise this.

    """

    def another() -> psycopg.Connection[Any]:
        return connect(connection, options=options, application_name=application_name)

    session = another()
    try:
        require_own_session(
            session, place=connection.settings_dict, wanted_path=path, second=another
        )
    except BaseException:
        session.close()
        raise
    return session


def _create(connection: BaseDatabaseWrapper, *, name: str, original: str) -> None:
    template = connection.settings_dict["TEST"].get("TEMPLATE")
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    try:
        with _maintenance(connection, original=original) as session:
            create_database(session, statement)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        # Another process has created it at this moment.
        return
    except psycopg.errors.InsufficientPrivilege as error:
        user = connection.settings_dict["USER"]
        raise SetupFailure(
            f"The test database {name!r} does not exist and the role {user!r} may "
            f"not create it ({_first_line(error)}). Next: let an administrator run "
            f'`CREATE DATABASE "{name}" OWNER "{user}"`, or name an existing '
            f"database in DATABASES[{connection.alias!r}]['TEST']['NAME']."
        ) from error


def create_database(session: psycopg.Connection[Any], statement: sql.Composed) -> None:
    """Create a database, also while another process copies the same template.

    Raises:
        psycopg.errors.ObjectInUse: the template stayed in use.

    """
    for _ in range(TRIES - 1):
        try:
            session.execute(statement)
        except psycopg.errors.ObjectInUse:
            time.sleep(0.1)
        else:
            return
    session.execute(statement)


def _maintenance(
    connection: BaseDatabaseWrapper, *, original: str
) -> psycopg.Connection[Any]:
    """Connect to a database from which another can be created."""
    try:
        return connect(connection, database="postgres")
    except OperationalError:
        try:
            return connect(connection, database=original)
        except OperationalError as error:
            raise _unreachable(connection, error) from error


def _says_missing_database(error: OperationalError) -> bool:
    # A failed start-up carries no SQLSTATE on the client side in psycopg, so the
    # server's text has to do; `does not exist` is also said of a missing role.
    text = str(error)
    return "database" in text and "does not exist" in text


def _unreachable(connection: BaseDatabaseWrapper, error: Exception) -> SetupFailure:
    place = connection.settings_dict
    host = place["HOST"] or "the local socket"
    return SetupFailure(
        f"PostgreSQL at {host}, port {place['PORT'] or 5432}, refused the connection "
        f"of {place['USER'] or 'the current user'} ({_first_line(error)}), so there "
        "is no database to test on. Next: start that server, or correct "
        f"DATABASES[{connection.alias!r}]; testing.embedded brings a server of the "
        "project's own."
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
