"""Tests of what turns measurements into tables, plans and pages."""
