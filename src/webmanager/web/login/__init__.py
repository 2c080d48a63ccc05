"""One's own login: in, out, a new password; pages and API."""
