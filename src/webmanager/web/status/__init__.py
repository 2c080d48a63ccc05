"""The status page, and the API about the device and its batteries as they are."""
