"""Routes: for one event, who is addressed, by which channel, and why; who is not, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.model.event import Event, ReportCancelled
from gateway.model.known import Known
from gateway.route.choice import NAMED, Choice, Choices, NotAddressed, gathered
from gateway.route.condition import why_not
from gateway.route.grammar import DEFAULT_PREFER, Route, Transport
from gateway.route.reach import Reached, back_to, reached_as_before, reached_by_name, reached_by_route
from gateway.route.receiver import Receiver
from gateway.route.scene import Scene
from gateway.route.table import load_routes, read_routes


@dataclass(frozen=True, slots=True)
class Routes:
    """The table of routes, in its order."""

    routes: tuple[Route, ...]

    @classmethod
    def load(cls, source: Path | bytes) -> Routes:
        """From a file, or from its bytes. Raises BadRoutes with every fault, its line and its column."""
        return cls(read_routes(source) if isinstance(source, bytes) else load_routes(source))

    def choose(
        self,
        event: Event,
        known: Known,
        now: datetime,
        *,
        tenant: str | None = None,
        client: str | None = None,
        received: Sequence[Receiver] = (),
    ) -> Choices:
        """Who gets this event. Nobody twice by one channel; never the sender, a relative, or a member who left.

        known     the state after the event
        tenant, client   who sends; a route that asks for one does not match when it is not said
        received  those who got the report this event replaces or takes back
        The sender's `recipients` replace the routes' (mode `only`) by mssante, or are added to them (`also`).
        A cancellation goes to everyone who received the report and to nobody else, whatever routes and sender say: by
        the channel the report went by, where it lies, and by that of each route that leads to them.
        """
        scene = Scene.of(event, known, now, tenant=tenant, client=client, received=received)
        gathering = _Gathering(scene)
        for recipient in event.recipients:
            for one in reached_by_name(recipient, scene):
                gathering.add(one, None)
        if event.recipients and event.recipients_mode != "also" and not gathering.takes_back:
            gathering.unused += [(route.name, "the sender names the recipients") for route in self.routes]
        else:
            self._follow(scene, gathering)
        if gathering.takes_back:
            gathering.add_everyone_left()
        return gathering.outcome()

    def _follow(self, scene: Scene, gathering: _Gathering) -> None:
        fruitful: list[str] = []
        for route in self.routes:
            why = why_not(route, scene) or _why_not_else(route, fruitful)
            if why is None:
                reached = [gathering.add(one, route) for one in reached_by_route(route.to, scene)]
                if any(reached):
                    fruitful.append(route.name)
                else:
                    why = "it fits, but leads to nobody who may be addressed"
            if why is not None:
                gathering.unused.append((route.name, why))


def _why_not_else(route: Route, fruitful: list[str]) -> str | None:
    """`else` counts routes that reached someone: one that fits and leads to nobody leaves the way open."""
    if route.otherwise is True:
        return f'route "{fruitful[0]}" is used' if fruitful else None
    used = next((name for name in route.otherwise if name in fruitful), None)
    return f'route "{used}" is used' if used is not None else None


class _Gathering:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.takes_back = isinstance(scene.event, ReportCancelled)
        self.chosen: list[Choice] = []
        self.refused: dict[tuple[str, str], NotAddressed] = {}
        self.unused: list[tuple[str, str]] = []

    def add_everyone_left(self) -> None:
        """Count those who received the report by a channel that nothing led them to yet, each by that channel."""
        led = tuple((choice.transport, choice.addressee) for choice in self.chosen)
        for one, transport in reached_as_before(self.scene):
            if one.addressee is None or not any(transport == by and one.addressee.same_as(other) for by, other in led):
                self.add(one, None, back_by=transport)

    def add(self, one: Reached, route: Route | None, back_by: Transport | None = None) -> bool:
        """Count one person led to: by a route, by the report they hold (`back_by`), or else by the sender.

        True when they may be addressed.
        """
        way = f'route "{route.name}"' if route else "a cancellation" if back_by else NAMED
        ends = route.end_of_exchange if route else one.end_of_exchange
        because = f"{way}: {one.how}{', end of the exchange' if ends else ''}"
        got = self.scene.receiver(one.addressee) if one.addressee else None
        if self.takes_back and one.addressee:
            one = back_to(one, got)
        if one.addressee is None:
            assert one.reason is not None
            refusal = NotAddressed(who=one.who, name=one.name, reason=one.reason, because=because)
            self.refused.setdefault((one.who, one.reason), refusal)
            return False
        choice = Choice(
            addressee=one.addressee,
            transport=route.via if route else back_by or "mssante",
            mode=route.mode if route else "exchange",
            prefer=route.to.prefer if route else DEFAULT_PREFER,
            attach_fhir=route.attach_fhir if route else "known-gateways" if back_by else "never",
            route=route.name if route else "",
            reasons=(because,),
            named=route is None and back_by is None,
            in_team=self.scene.in_team(one.addressee),
            received=got is not None,
            end_of_exchange=ends,
        )
        self.chosen = gathered(self.chosen, choice)
        return True

    def outcome(self) -> Choices:
        return Choices(
            chosen=tuple(self.chosen), not_addressed=tuple(self.refused.values()), not_matched=tuple(self.unused)
        )
