"""What all pages have in common: the frame, the login before them, forms, errors, theme and language."""
