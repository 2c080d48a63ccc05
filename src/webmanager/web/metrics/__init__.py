"""What the device measures and counts, for Prometheus."""
