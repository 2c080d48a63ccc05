"""`python -m webmanager` is the command `webmanager`."""

from webmanager.app.entry import main

main()
