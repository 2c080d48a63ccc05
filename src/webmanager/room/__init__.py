"""The simulated battery room behind the serial ports: it knows the wire, never the controller."""
