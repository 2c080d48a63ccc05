"""Single batteries: search, notes, exchange; pages and API."""
