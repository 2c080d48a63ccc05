"""What handlers reach: the device's parts, its store, the control of the room."""
