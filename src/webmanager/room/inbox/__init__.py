"""The people and servers in the simulated room who receive what a webmanager tells, and what reached them."""
