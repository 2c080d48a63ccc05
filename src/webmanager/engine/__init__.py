"""The beat: scan cycle, board of the current state, control; asyncio, but no device, file or socket."""
