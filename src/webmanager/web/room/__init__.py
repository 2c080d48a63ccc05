"""The hand in the simulated room: page and API."""
