"""Three years in 32 MB: the flash store. Journal, compressed volumes, queries and export; `docs/store-format.md`."""
