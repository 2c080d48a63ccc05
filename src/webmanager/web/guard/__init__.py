"""What stands before a handler: who asks, from where, and whether what was sent can be."""
