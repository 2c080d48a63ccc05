"""Alarms and the event log: pages, API, and what the live stream says of them."""
