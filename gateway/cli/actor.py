"""Who asks at the command line, as the audit log names them: the user of the operating system, not what they say."""

from __future__ import annotations

import os


def actor() -> str:
    """`cli:` and the account's name, or its number when it has none. Of one account, people are not told apart."""
    try:
        from pwd import getpwuid

        return f"cli:{getpwuid(os.getuid()).pw_name}"
    except (ImportError, KeyError):  # no such list of accounts here, or a container's bare number
        return f"cli:{os.getuid() if hasattr(os, 'getuid') else 'local'}"
