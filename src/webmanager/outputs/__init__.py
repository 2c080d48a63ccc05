"""Relays and buzzer of this host: switches behind files of the kernel, none at all, or simulated ones."""
