"""What we make is judged before it leaves: a Bundle that does not follow its profiles is a fault of ours."""

from __future__ import annotations

from typing import Any

from gateway import translate
from gateway.journey.gateway import Gateway
from gateway.model.event import Event

_PLACES = 12
"""Places told of one Bundle: enough to find the defect, which is one of the code and comes back at every place."""

_UNFINISHED = "too-costly"
"""The validator's word for a walk it did not finish: teams of several hundred members, each with a place of work."""


class Nonconformant(Exception):
    """A Bundle of ours breaks its profiles. `places`: where, and which rules; never a value."""

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__(f"{len(places)} places")
        self.places = places

    @property
    def told(self) -> str:
        """The first places, in one line."""
        more = len(self.places) - _PLACES
        return ", ".join(self.places[:_PLACES]) + (f" (+{more})" if more > 0 else "")


def hold_to_profiles(gateway: Gateway, event: Event, bundle: dict[str, Any]) -> None:
    """Raises Nonconformant when the Bundle of an event does not follow our profile of it, or one that it claims.

    What cannot be judged, for want of a package or because there is too much of it, is no fault; the latter is noticed.
    """
    if gateway.validator is None:
        return
    report = gateway.validator().check_tree(bundle, profiles=[translate.profile_of(type(event))])
    wrong = [one for one in report.findings if one.severity in ("error", "fatal") and one.rule != _UNFINISHED]
    if any(one.rule == _UNFINISHED for one in report.findings):
        gateway.notice("bundle too large to be judged whole", type=event.type, entries=len(bundle["entry"]))
    if wrong:
        raise Nonconformant(tuple(dict.fromkeys(f"{one.path} {one.rule}" for one in wrong)))
