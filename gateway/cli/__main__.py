"""`python -m gateway.cli` is the command `passerelle`."""

from gateway.cli import main

main()
