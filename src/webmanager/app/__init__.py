"""Starts everything: command line, hardware file, wiring. The only place that builds objects."""
