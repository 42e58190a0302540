"""Benchmarks: each compares two ways in one run, on one machine."""
