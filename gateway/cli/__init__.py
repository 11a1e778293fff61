"""cli: the command `passerelle`. Answer first, bad news to stderr; exit codes are part of the promise.

0 done · 1 could not run · 2 refused, or something is wrong with what was given · 3 the audit log is broken
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    from gateway.cli.argv import spread
    from gateway.cli.commands import app

    app(args=spread(sys.argv[1:]))
