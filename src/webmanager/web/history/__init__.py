"""Curves, storage and files of what is stored: pages and API."""
