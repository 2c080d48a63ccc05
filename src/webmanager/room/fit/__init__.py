"""What the cell model is held to, and the command that fits its parameters: `python -m webmanager.room.fit`."""
