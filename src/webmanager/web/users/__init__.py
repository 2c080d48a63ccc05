"""What admins do with users, API tokens and sessions: page and API."""
