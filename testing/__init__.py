"""Parallel tests on PostgreSQL schemas, for Django and for behave.

A worker leases a schema, gets it migrated, runs tests against it and puts it
back to its pristine state in milliseconds.
"""
