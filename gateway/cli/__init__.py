"""cli: the command `passerelle`. Answer first, bad news to stderr; exit codes are part of the promise.

0 done · 1 could not run · 2 refused, or something is wrong with what was given · 3 the audit log is broken
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

YOUNG = 50_000
"""Objects made before Python looks for rings among them. It looks every 700 by default, which is a fifth of the time of
a command that reads thousands of definitions it keeps; rings we hardly make."""


def main(words: Sequence[str] | None = None) -> None:
    """Run these words, or those of the process. What a command cannot do is told in one place, in JSON if asked."""
    gc.set_threshold(YOUNG)
    from gateway.cli.argv import spread
    from gateway.cli.commands import app
    from gateway.model.errors import GatewayError

    words = spread(sys.argv[1:] if words is None else words)
    try:
        app(args=words)
    except GatewayError as error:
        from gateway.cli.output import refuse
        from gateway.cli.run import exit_code

        refuse(error, as_json="--json" in words, code=exit_code(words, error))
    except OSError as error:  # a file or a folder that is not there, or may not be touched
        print(f"{error.filename or 'passerelle'}: {error.strerror or type(error).__name__}", file=sys.stderr)
        raise SystemExit(1) from None
