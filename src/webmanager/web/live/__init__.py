"""The live stream: each snapshot made into text once, sent to every browser."""
