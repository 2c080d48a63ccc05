"""How the batteries look at a moment: one look a battery, one verdict over all; for pages, API and live stream."""
