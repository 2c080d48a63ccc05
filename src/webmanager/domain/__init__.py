"""What a battery installation is and what is wrong with it: pure, no clock, no I/O, no asyncio."""
