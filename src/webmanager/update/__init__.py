"""New firmware: asked for at an index, verified before anything is unpacked, laid out for others to install."""
