"""`python -m webmanager` is the command `webmanager`."""

from webmanager.app.cli import main

main()
