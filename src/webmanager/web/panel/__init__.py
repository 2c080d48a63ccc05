"""The front panel: lamps, buzzer, switches, restart; page and API."""
