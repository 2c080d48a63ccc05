"""The way to the time: an SNTP client, and the service that keeps the device's clock with it."""
