"""Limits and jobs: the pages, the API, and a trial of limits against stored history."""
