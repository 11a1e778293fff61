"""The dialects the tests speak: the project's own, and a small flat French one; and events the latter can tell."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from gateway.model.codes import Coded
from gateway.model.event import Event, MemberJoined, ReportShared, TeamCreated
from gateway.model.identity import InsKind, LocalId
from gateway.model.people import Organization, Patient, Sender
from gateway.model.report import Document, Report
from gateway.model.team import Ground, Member, Team
from gateway.model.when import Instant, When
from gateway.translate import Dialects
from tests import strategies as some
from tests.strategies import maybe, several

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))
PRACTICES = ("logiflat", "balisoin", "tablosoin")
"""The invented practice software with a table in `mappings/` and a folder in `examples/`."""

PARIS = ZoneInfo("Europe/Paris")


@cache
def dialects() -> Dialects:
    """All of them."""
    return Dialects.load([ROOT / "mappings", Path(__file__).parent / "tables"], some.terms())


def told_by(dialect: str) -> list[Path]:
    """The files of a practice software, one a type of event."""
    kinds = {file.stem for file in EXAMPLES}
    return sorted(file for file in (ROOT / "examples" / dialect).iterdir() if file.stem in kinds)


def wall_clocks() -> st.SearchStrategy[datetime]:
    """Clocks of Paris that existed, the first of two when October has an hour twice."""
    return st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).filter(  # noqa: DTZ001
        lambda clock: clock.replace(tzinfo=PARIS).astimezone(UTC).astimezone(PARIS).replace(tzinfo=None) == clock
    )


def paris_instants() -> st.SearchStrategy[Instant]:
    """Instants as a wall clock of Paris can tell them."""
    return wall_clocks().map(lambda clock: Instant(clock.replace(microsecond=0, tzinfo=PARIS).isoformat()))


def _trades() -> st.SearchStrategy[Coded]:
    return st.sampled_from(("10", "60", "70", "21")).map(lambda code: Coded(code=code))


def _whole_days() -> st.SearchStrategy[When]:
    return st.dates().filter(lambda day: day.year >= 1000).map(lambda day: When(day.isoformat()))


@st.composite
def _flat_patients(draw: st.DrawFn) -> Patient:
    number = st.builds(
        lambda ins: type(ins)(ins.number, InsKind.NIR_TEST), some.ins().filter(lambda ins: ins.kind is not InsKind.NIA)
    )
    return Patient(
        ins=draw(maybe(number)),
        local_id=LocalId("1.2.250.1.999.7", draw(some.keys())),
        identity_status=draw(st.sampled_from(("provisional", "retrieved", "validated", "qualified"))),
        birth_name=draw(some.lines()),
        given_names=draw(several(some.lines())),
        sex=draw(maybe(st.sampled_from(("M", "F", "U")))),
        birth_date=draw(some.days()),
        birth_rank=draw(maybe(st.integers(0, 5))),
        multiple_birth=draw(maybe(st.booleans())),
    )


@st.composite
def _flat_members(draw: st.DrawFn, id: str) -> Member:
    kind = st.sampled_from(("structure", "recognised-by-patient", "formalised"))
    return Member(
        id=id,
        rpps=draw(some.rpps()),
        family=draw(maybe(some.lines())),
        given=draw(maybe(some.lines())),
        profession=draw(maybe(_trades())),
        since=draw(maybe(_whole_days())),
        ground=draw(maybe(st.builds(Ground, kind=kind, at=maybe(_whole_days())))),
    )


@st.composite
def flat_events(draw: st.DrawFn) -> Event:
    """Events the flat dialect can tell whole."""
    said = {
        "id": draw(some.keys()),
        "occurred_at": draw(paris_instants()),
        "sender": Sender(
            rpps=draw(some.rpps()),
            family=draw(some.lines()),
            given=draw(maybe(some.lines())),
            profession=draw(maybe(_trades())),
            organization=draw(maybe(st.builds(Organization, finess=some.finess()))),
        ),
        "patient": draw(_flat_patients()),
    }
    match draw(st.sampled_from(("created", "joined", "report"))):
        case "created":
            ids = draw(st.lists(some.keys(), max_size=3, unique=True))
            members = tuple(draw(_flat_members(id)) for id in ids)
            return TeamCreated(**said, team=Team(id=draw(some.keys()), name=draw(maybe(some.lines())), members=members))
        case "joined":
            return MemberJoined(**said, team=Team(id=draw(some.keys())), member=draw(_flat_members("M-1")))
    document = st.builds(Document, content_type=st.just("application/pdf"), data=st.binary(min_size=1, max_size=30))
    report = Report(
        id=draw(some.keys()),
        title=draw(maybe(some.lines())),
        type=draw(some.code("J07")),
        created_at=draw(paris_instants()),
        document=draw(maybe(document)),
    )
    return ReportShared(**said, report=report)
