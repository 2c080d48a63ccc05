"""The configuration of the device: validated models, read from and written to TOML."""
