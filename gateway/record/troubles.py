"""What the store refuses, each under its own name. All are Broken unless the caller expects them.

Broken
├── Taken       somebody else's row is already under that key
├── Stale       the row has moved since it was read
├── WrongMove   the table of allowed changes does not hold that move
├── Missing     no such row
├── Erased      its key was destroyed: nobody can read it any more
└── Silent      something changed state and no audit entry says so

Unreachable
└── Held        another transaction holds what this one needs
"""

from __future__ import annotations

from gateway.model.errors import Broken, Unreachable


class Taken(Broken):
    """Another unit was first; `what` is `answer`, `event` or `message-id`. Read again in a new unit."""

    code = "taken"

    def __init__(self, what: str) -> None:
        super().__init__(f"There is already one with this key: {what}", advice="Read it again in a new unit")
        self.what = what


class Stale(Broken):
    """The row was moved by somebody else since it was read."""

    code = "stale"

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} has moved since it was read", advice="Read it again and decide anew")


class WrongMove(Broken):
    """That change of state is not in the table of model.exchange."""

    code = "wrong-move"

    def __init__(self, what: str, state: str, to: str) -> None:
        super().__init__(f"A {what} may not go from {state} to {to}", advice="See the table of states")


class Missing(Broken):
    """No such row for this tenant."""

    code = "missing"

    def __init__(self, what: str) -> None:
        super().__init__(f"No such {what}", advice="Check the tenant and the id")


class Erased(Broken):
    """The key of this content was destroyed."""

    code = "erased"

    def __init__(self) -> None:
        super().__init__("This content has been erased", advice="Nothing can bring it back")


class Silent(Broken):
    """A unit changed something and wrote no audit entry about it; nothing of it was kept."""

    code = "silent"

    def __init__(self, what: str) -> None:
        super().__init__(f"No audit entry tells of this change: {what}", advice="Write the entry in the same unit")


class Held(Unreachable):
    """Another transaction holds a row or a name that is needed here, for longer than is waited or in a circle."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Another transaction holds what is needed ({error})", advice="Try again")
