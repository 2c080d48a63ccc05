"""webmanager: looks after every single block of a stationary lead-acid battery."""

__version__ = "0.1.0"
