"""The device itself: its state, certificate, updates, Modbus map; pages and API."""
