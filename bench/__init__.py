"""Measures: `make bench` runs everything here and prints one table."""
