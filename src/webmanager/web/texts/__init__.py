"""How texts and figures are written for people."""
