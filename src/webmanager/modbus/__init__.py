"""MODBUS: the published register map and the server that answers from it."""
