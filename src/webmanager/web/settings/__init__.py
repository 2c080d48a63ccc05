"""The settings: forms made from their models, pages, API."""
