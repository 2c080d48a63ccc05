"""Modbus: registers from the published points, over TCP."""
