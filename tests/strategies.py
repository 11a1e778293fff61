"""Events that could really be sent, for property tests: one strategy a kind (`KINDS`), `events()` for any of them; and
`known_for(event)`, a memory in which the event makes sense.

Every number has its right key; codes come from the national tables; optional fields are sometimes there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, get_args

from hypothesis import strategies as st

from gateway.model.codes import Coded, Terms
from gateway.model.event import (
    ActivityChanged,
    Context,
    Emergency,
    Event,
    Informed,
    Legal,
    MemberJoined,
    MemberLeft,
    PlanClosed,
    PlanCreated,
    PlanRevised,
    Recipient,
    ReportCancelled,
    ReportReplaced,
    ReportShared,
    RoleChanged,
    TeamClosed,
    TeamCreated,
    TeamReference,
)
from gateway.model.identity import Identifier, Ins, InsKind, LocalId, MailAddress, Rpps, Scheme, luhn
from gateway.model.known import Known, KnownPlan, KnownReport, KnownTeam
from gateway.model.people import (
    Address,
    Contact,
    Organization,
    Patient,
    Professional,
    Sender,
    Structure,
    StructureKind,
    Telecom,
    TreatingPhysician,
)
from gateway.model.plan import (
    PLAN_ENDS,
    Activity,
    ActivityStatus,
    Agreement,
    Goal,
    GoalStatus,
    Instantiates,
    Plan,
    PlanKind,
    PlanStatus,
    Problem,
    Protocol,
    Schedule,
    Timing,
    Who,
)
from gateway.model.report import CancelledReport, Document, Encounter, Mask, Report, Signature
from gateway.model.team import (
    TEAM_ENDS,
    ClosedReason,
    Criterion,
    Ground,
    Inclusion,
    Member,
    MemberMention,
    Related,
    Team,
)
from gateway.model.when import Day, Instant, When

PATIENT = "4f1c9a0be7d2"  # the patient's handle in known_for

PROFESSIONS = ("G15", "R94", "R95", "R291", "R85")
OTHER_ROLES = ("R85", "G15")


@cache
def terms() -> Terms:
    """The national tables of the project."""
    return Terms.load(Path(__file__).parents[1] / "mappings" / "tables")


@cache
def maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value, or nothing said."""
    return st.none() | some


@cache
def several(some: st.SearchStrategy[Any], most: int = 2, least: int = 0) -> st.SearchStrategy[Any]:
    """A short tuple of them."""
    return st.lists(some, min_size=least, max_size=most).map(tuple)


@cache
def _distinct(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(some, max_size=2, unique_by=lambda one: one.id).map(tuple)


@cache
def choice(literal: Any) -> st.SearchStrategy[Any]:
    """One word of a closed list."""
    return st.sampled_from(get_args(literal))


@cache
def code(name: str) -> st.SearchStrategy[str]:
    """A code of a national list."""
    return st.sampled_from(sorted(terms().pairs(name)))


# — words

_LETTERS = st.characters(categories=("Lu", "Ll", "Lo", "Nd"), max_codepoint=0x2FFF) | st.sampled_from(
    "éèëçœÉÇ'’-. &<>\""
)


@cache
def lines(most: int = 12) -> st.SearchStrategy[str]:
    """One line of text in any alphabet, with what XML and JSON must escape."""
    return st.text(_LETTERS, min_size=1, max_size=most).map(str.strip).filter(bool)


@cache
def prose() -> st.SearchStrategy[str]:
    """Text that may hold line breaks."""
    return st.lists(lines(), min_size=1, max_size=2).map("\n".join)


@cache
def keys() -> st.SearchStrategy[str]:
    """An id as software makes them."""
    return st.text("abcXYZ0189._-", min_size=1, max_size=8).map(lambda some: f"K{some}")


# — time


@cache
def days() -> st.SearchStrategy[Day]:
    """A date to the day, the month or the year."""
    return st.builds(
        lambda day, length: Day(day.isoformat()[:length]),
        st.dates(date(1900, 1, 1), date(2040, 12, 31)),
        st.sampled_from((10, 10, 7, 4)),
    )


@cache
@st.composite
def instants(draw: st.DrawFn) -> Instant:
    """A date and time with its zone, to the second or finer."""
    offset = draw(st.sampled_from((0, 60, 120, 60, -180, 345, 840)))
    moment = draw(st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31))).replace(microsecond=0)  # noqa: DTZ001
    text = moment.replace(tzinfo=timezone(timedelta(minutes=offset))).isoformat()
    if offset == 0 and draw(st.booleans()):
        text = text.replace("+00:00", "Z")
    fraction = draw(st.sampled_from(("", "", "", ".5", ".250", ".000001")))
    return Instant(text[:19] + fraction + text[19:])


@cache
def whens() -> st.SearchStrategy[When]:
    """A date of any precision, or an instant."""
    return (days() | instants()).map(lambda point: When(point.text))


@cache
@st.composite
def spans(draw: st.DrawFn) -> tuple[When | None, When | None]:
    """A beginning and an end in that order, each perhaps unsaid."""
    first, second = sorted((draw(whens()), draw(whens())), key=lambda when: when.day)
    return draw(st.sampled_from(((first, second), (first, None), (None, second), (None, None))))


# — identifiers


@cache
def _digits(count: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**count - 1).map(lambda number: f"{number:0{count}d}")


def _keyed(number: str) -> str:
    return next(number + key for key in "0123456789" if luhn(number + key))


@cache
def rpps() -> st.SearchStrategy[Rpps]:
    """A number of the RPPS with its key."""
    return _digits(8).map(lambda some: Rpps(_keyed("10" + some)))


@cache
def finess() -> st.SearchStrategy[str]:
    """A FINESS number, mainland or Corsican."""
    mainland = _digits(8).map(_keyed)
    return mainland | mainland | st.builds("{}{}".format, st.sampled_from(("2A", "2B")), _digits(7))


@cache
def siret() -> st.SearchStrategy[str]:
    """A SIRET with its key."""
    return _digits(13).map(_keyed)


@cache
@st.composite
def ins(draw: st.DrawFn) -> Ins:
    """A national identity number: NIR, NIA, test or demonstration, sometimes Corsican."""
    place = draw(st.sampled_from(("75", "13", "99", "2A", "2B")))
    kind = draw(st.sampled_from(tuple(InsKind)))
    first = {InsKind.NIA: "7"}.get(kind, draw(st.sampled_from("12")))
    number = first + draw(_digits(2)) + draw(st.sampled_from(("01", "06", "12", "20"))) + place + draw(_digits(6))
    counted = int(number.replace("2A", "19").replace("2B", "18") if place in ("2A", "2B") else number)
    return Ins(f"{number}{97 - counted % 97:02d}", kind)


@cache
def _system() -> st.SearchStrategy[str]:
    return st.sampled_from(("1.2.250.1.999.1", "https://logiciel.example/ids"))


@cache
def identifiers() -> st.SearchStrategy[Identifier]:
    """An organisation's identifier of any scheme."""
    return st.one_of(
        st.builds(Identifier, st.just(Scheme.FINESS), finess()),
        st.builds(Identifier, st.just(Scheme.SIREN), _digits(8).map(_keyed)),
        st.builds(Identifier, st.just(Scheme.SIRET), siret()),
        st.builds(lambda who: Identifier(Scheme.RPPS_RANG, who.number + "001"), rpps()),
        st.builds(Identifier, st.just(Scheme.ADELI_RANG), _digits(11)),
        st.builds(Identifier, st.just(Scheme.LOCAL), keys(), _system()),
    )


@cache
def personal_identifiers() -> st.SearchStrategy[Identifier]:
    """An identifier of a person without RPPS."""
    return st.builds(Identifier, st.just(Scheme.ADELI), _digits(9)) | st.builds(
        Identifier, st.just(Scheme.LOCAL), keys(), _system()
    )


@cache
def addresses() -> st.SearchStrategy[MailAddress]:
    """A mailbox in the trusted space."""
    return st.text("abcxyz09", min_size=1, max_size=8).map(
        lambda name: MailAddress(f"{name}.durand@medecin.exemple.mssante.fr")
    )


# — codes


@cache
@st.composite
def coded(draw: st.DrawFn, default: tuple[str, ...], also: tuple[str, ...] = ()) -> Coded:
    """A code, bare when it belongs to a default list, sometimes with its official label."""
    name = draw(st.sampled_from((*default, *default, *also)))
    word = draw(code(name))
    label = terms().pairs(name)[word].display if draw(st.booleans()) else None
    bare = name in default and draw(st.booleans())
    return Coded(code=word, list=None if bare else name, display=label)


@cache
def open_codes() -> st.SearchStrategy[Coded]:
    """A code of a list the gateway does not carry, or of none."""
    return st.builds(Coded, code=keys(), list=maybe(st.sampled_from(("CIM-10", "CCAM"))), display=maybe(lines()))


# — people


@cache
@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    """A body with a name or an identifier."""
    return Organization(**draw(_organization()))


@cache
@st.composite
def _organization(draw: st.DrawFn) -> dict[str, Any]:
    said = {
        "ids": draw(several(identifiers())),
        "finess": draw(maybe(finess())),
        "siret": draw(maybe(siret())),
        "name": draw(maybe(lines())),
        "sector": draw(maybe(code("R02"))),
    }
    if not (said["ids"] or said["finess"] or said["siret"] or said["name"]):
        said["name"] = draw(lines())
    return said


@cache
@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """An organisation of coordinated care."""
    return Structure(
        **draw(_organization()),
        kind=draw(choice(StructureKind)),
        kind_detail=draw(maybe(lines())),
        legal_form=draw(maybe(lines())),
        part_of=draw(maybe(organizations())),
        specialty=draw(maybe(lines())),
    )


@cache
@st.composite
def _person(draw: st.DrawFn) -> dict[str, Any]:
    registered = draw(st.sampled_from((True, True, False)))
    return {
        "rpps": draw(rpps()) if registered else None,
        "ids": draw(several(personal_identifiers(), 1, 0 if registered else 1)),
        "family": draw(lines()),
        "given": draw(maybe(lines())),
        "profession": draw(maybe(coded(("G15",), PROFESSIONS[1:]))),
        "specialty": draw(maybe(code("R38"))),
        "function": draw(maybe(st.sampled_from(("locum", "intern", "assistant")))),
        "organization": draw(maybe(organizations())),
        "mss": draw(maybe(addresses())),
    }


@cache
@st.composite
def professionals(draw: st.DrawFn) -> Professional:
    """A person at work, with or without RPPS."""
    return Professional(**draw(_person()))


@cache
@st.composite
def senders(draw: st.DrawFn) -> Sender:
    """Who speaks; sometimes for another, under supervision, or typed by someone else."""
    return Sender(
        **draw(_person()),
        acting_for=draw(maybe(professionals())),
        supervisor=draw(maybe(professionals())),
        entered_by=draw(maybe(professionals())),
    )


@cache
@st.composite
def physicians(draw: st.DrawFn) -> TreatingPhysician:
    """The declared physician, or that there is none, or that nobody knows."""
    return draw(
        st.sampled_from((TreatingPhysician(none=True), TreatingPhysician(unknown=True)))
        | _person().map(lambda said: TreatingPhysician(**said))
    )


@cache
@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """A person close to the patient."""
    since, until = draw(spans())
    return Contact(
        role=draw(st.sampled_from(("NOK", "GUARD", "ECON", "CAREGIVER"))),
        name=draw(lines()),
        relationship=draw(maybe(coded(("R216",)))),
        phone=draw(maybe(st.just("+33612345678"))),
        measure=draw(maybe(st.sampled_from(("tutelle", "curatelle")))),
        since=since,
        until=until,
    )


@cache
def telecoms() -> st.SearchStrategy[Telecom]:
    """A phone number or an ordinary mail address."""
    return st.builds(
        Telecom,
        system=st.just("phone"),
        value=st.just("+33142345678"),
        use=maybe(st.sampled_from(("home", "work", "mobile"))),
    ) | st.builds(Telecom, system=st.just("email"), value=st.just("une.personne@courriel.example"))


@cache
@st.composite
def patients(draw: st.DrawFn) -> Patient:
    """A patient of any identity status; an INS may be there without being qualified."""
    status = draw(st.sampled_from(("qualified", "validated", "retrieved", "provisional")))
    number = draw(ins()) if status == "qualified" else draw(maybe(ins()))
    local = st.builds(LocalId, _system(), keys())
    certain = status != "provisional"
    return Patient(
        ins=number,
        identity_status=status,  # type: ignore[arg-type]
        identity_flags=draw(st.sampled_from(((), (), ("homonym",), ("doubtful", "fictitious")))),
        birth_name=draw(lines() if certain else maybe(lines())),
        first_given_name=draw(maybe(lines())),
        given_names=draw(several(lines())),
        used_name=draw(maybe(lines())),
        used_given_name=draw(maybe(lines())),
        sex=draw(maybe(st.sampled_from(("M", "F", "U")))),
        birth_date=draw(days() if certain else maybe(days())),
        birth_place=draw(maybe(st.sampled_from(("51215", "2A004", "2B033", "99352", "75056")))),
        birth_rank=draw(maybe(st.integers(1, 3))),
        multiple_birth=draw(maybe(st.booleans())),
        mother=draw(maybe(lines())),
        deceased_at=draw(maybe(whens())),
        local_id=draw(maybe(local) if number else local),
        other_ids=draw(several(local, 1)),
        address=draw(
            maybe(
                st.builds(
                    Address,
                    lines=several(lines()),
                    postal_code=maybe(_digits(5)),
                    city=maybe(lines()),
                    insee=maybe(st.just("51215")),
                    country=maybe(st.just("FRA")),
                )
            )
        ),
        telecom=draw(several(telecoms())),
        treating_physician=draw(maybe(physicians())),
        contacts=draw(several(contacts(), 1)),
    )


# — the event itself


@cache
def recipients() -> st.SearchStrategy[Recipient]:
    """Someone named in one of the ways there are."""
    return st.one_of(
        st.builds(Recipient, member=keys()),
        st.builds(Recipient, rpps=rpps(), organization=maybe(organizations())),
        st.builds(Recipient, finess=finess()),
        st.builds(Recipient, siret=siret()),
        st.builds(Recipient, ids=several(identifiers(), 2, 1)),
        st.builds(Recipient, role=code("R259") | code("R260")),
        st.builds(Recipient, patient=st.just(True), end_of_exchange=maybe(st.booleans())),
        st.builds(Recipient, mss=addresses(), name=maybe(lines()), category=maybe(st.just("PER"))),
    )


@cache
def legals() -> st.SearchStrategy[Legal]:
    """What the sender says of information, consent and emergency."""
    informed = st.builds(
        Informed, at=whens(), by=maybe(lines()), nature=several(lines()), recipients=maybe(st.just("team"))
    )
    emergency = st.builds(Emergency, reason=lines(), inform_by=maybe(whens()))
    return st.builds(Legal, informed=maybe(informed), consent=maybe(keys()), emergency=maybe(emergency))


@cache
def contexts() -> st.SearchStrategy[Context]:
    """What indicators want to know."""
    return st.builds(
        Context,
        mission=maybe(st.sampled_from(("unscheduled-care", "pathways"))),
        discharge_at=maybe(whens()),
        unscheduled=maybe(st.booleans()),
    )


@cache
@st.composite
def _envelope(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "id": draw(keys()),
        "occurred_at": draw(instants()),
        "sender": draw(senders()),
        "patient": draw(patients()),
        "legal": draw(maybe(legals())),
        "context": draw(maybe(contexts())),
        "recipients": draw(several(recipients())),
        "recipients_mode": draw(st.sampled_from((None, "only", "also"))),
    }


# — teams


@cache
def grounds() -> st.SearchStrategy[Ground]:
    """Why these people are a team in law."""
    return st.builds(
        Ground,
        kind=st.sampled_from(("structure", "recognised-by-patient", "formalised")),
        at=maybe(whens()),
        evidence=maybe(lines()),
    )


@cache
@st.composite
def members(draw: st.DrawFn) -> Member:
    """A professional, an organisation alone, or a relative."""
    form = draw(st.sampled_from(("professional", "professional", "professional", "organization", "related")))
    who: dict[str, Any]
    if form == "related":
        relationship = draw(maybe(coded(("R216",))))
        who = {
            "related": Related(name=draw(lines()), relationship=relationship, phone=draw(maybe(st.just("0612345678"))))
        }
    elif form == "organization":
        who = {"organization": draw(organizations())}
    else:
        who = draw(_person())
    since, until = draw(spans())
    return Member(
        id=draw(keys()),
        **who,
        roles=draw(several(coded(("R260", "R259"), OTHER_ROLES))),
        since=since,
        until=until,
        ground=draw(maybe(grounds())),
        reason=draw(maybe(lines())),
    )


@cache
@st.composite
def _team(draw: st.DrawFn, *, with_members: bool) -> Team:
    since, until = draw(spans())
    ids = draw(st.lists(keys(), max_size=3, unique=True)) if with_members else []
    inclusion = st.builds(
        Inclusion,
        grid=keys(),
        version=maybe(st.just("2")),
        criteria=several(st.builds(Criterion, code=keys(), met=st.booleans())),
        decided_by=maybe(professionals()),
        at=maybe(whens()),
    )
    return Team(
        id=draw(keys()),
        name=draw(maybe(lines())),
        structures=draw(several(structures())),
        since=since,
        until=until,
        status=draw(maybe(st.sampled_from(("proposed", "active", "suspended")))),
        reasons=draw(several(open_codes(), 1)),
        inclusion=draw(maybe(inclusion)),
        ground=draw(maybe(grounds())),
        members=tuple(replace(draw(members()), id=id) for id in ids),
    )


@cache
@st.composite
def team_created(draw: st.DrawFn) -> TeamCreated:
    """A care team begins, with up to three members and several structures."""
    return TeamCreated(**draw(_envelope()), team=draw(_team(with_members=True)))


@cache
@st.composite
def member_joined(draw: st.DrawFn) -> MemberJoined:
    """Someone joins a team: mostly its id alone, sometimes what the sender knows of it."""
    team = draw(keys().map(lambda id: Team(id=id)) | _team(with_members=False))
    return MemberJoined(**draw(_envelope()), team=team, member=draw(members()))


@cache
@st.composite
def _mentions(draw: st.DrawFn, *, roles: bool) -> MemberMention:
    """A member the team has: by their id alone, or with what else the sender knows."""
    some = draw(members())
    said = {field.name: getattr(some, field.name) for field in fields(some)}
    for name in draw(st.sets(st.sampled_from(("organization", "ground", "reason", "mss", "specialty")))):
        said[name] = None
    if draw(st.booleans()):
        for name in ("rpps", "family", "given", "profession", "function", "organization", "related", "mss"):
            said[name] = None
        said["ids"] = ()
    said["organization"] = said["organization"] or (some.organization if some.kind == "organization" else None)
    role = coded(("R260", "R259"), OTHER_ROLES)
    said["roles"] = draw(several(role, 2, 1)) if roles else ()
    said["previous_roles"] = draw(several(role)) if roles else ()
    if some.since is None:
        said["until"] = None if roles else some.until  # it must not end before the change
    return MemberMention(**said)


@cache
@st.composite
def member_left(draw: st.DrawFn) -> MemberLeft:
    """Someone leaves a known team, or should never have been in it."""
    member = draw(_mentions(roles=False))
    if draw(st.integers(0, 4)) == 0:
        member = replace(member, reason="error")
    team = draw(keys().map(lambda id: Team(id=id)) | _team(with_members=False))
    return MemberLeft(**draw(_envelope()), team=team, member=member)


@cache
@st.composite
def role_changed(draw: st.DrawFn) -> RoleChanged:
    """Someone of a known team has other roles."""
    return RoleChanged(**draw(_envelope()), team=Team(id=draw(keys())), member=draw(_mentions(roles=True)))


@cache
@st.composite
def team_closed(draw: st.DrawFn) -> TeamClosed:
    """A care team ends; mostly nothing but its id, the end and the reason are said."""
    team = draw(keys().map(lambda id: Team(id=id)) | _team(with_members=False))
    status = draw(maybe(st.sampled_from(TEAM_ENDS)))
    team = replace(team, status=status, closed_reason=draw(maybe(choice(ClosedReason))))
    return TeamClosed(**draw(_envelope()), team=team)


# — plans


@cache
def _schedules() -> st.SearchStrategy[Schedule]:
    timing = st.builds(
        Timing,
        times=st.integers(1, 9),
        every=maybe(st.integers(1, 4)),
        unit=st.sampled_from(("hour", "day", "week", "month", "year")),
    )
    return st.one_of(
        st.builds(Schedule, text=lines()), st.builds(Schedule, timing=timing), st.builds(Schedule, due=whens())
    )


@cache
def _activities(*, in_team: bool) -> st.SearchStrategy[Activity]:
    by_text = st.builds(Who, text=lines())
    return st.builds(
        Activity,
        id=keys(),
        what=prose(),
        who=maybe(by_text | st.builds(Who, member=keys()) if in_team else by_text),
        when=maybe(_schedules()),
        status=maybe(choice(ActivityStatus)),
    )


@cache
def _goals() -> st.SearchStrategy[Goal]:
    return st.builds(Goal, id=keys(), text=prose(), status=maybe(choice(GoalStatus)), due=maybe(whens()))


@cache
def _references() -> st.SearchStrategy[TeamReference | None]:
    return maybe(keys().map(lambda id: TeamReference(id=id)))


@cache
@st.composite
def _plans(draw: st.DrawFn, *, in_team: bool) -> Plan:
    since, until = draw(spans())
    goals = draw(_distinct(_goals()))
    activities = draw(_distinct(_activities(in_team=in_team)))
    protocol = st.builds(Protocol, id=keys(), version=maybe(st.just("1")), title=maybe(lines()))
    return Plan(
        id=draw(keys()),
        kind=draw(maybe(choice(PlanKind))),
        programme=draw(maybe(lines())),
        title=draw(maybe(lines())),
        status=draw(maybe(choice(PlanStatus))),
        since=since,
        until=until,
        problems=draw(several(st.builds(Problem, text=prose(), code=maybe(open_codes())))),
        goals=goals,
        activities=activities,
        instantiates=draw(maybe(protocol.map(lambda one: Instantiates(protocol=one)))),
        author=draw(maybe(professionals())),
        contributors=draw(several(professionals(), 1)),
        patient_agreement=draw(maybe(st.builds(Agreement, given=st.booleans(), at=maybe(whens()), by=maybe(lines())))),
        review_date=draw(maybe(whens())),
        replaces=draw(maybe(keys())),
    )


@cache
@st.composite
def plan_created(draw: st.DrawFn) -> PlanCreated:
    """A care plan begins; its activities name members when it has a team."""
    team = draw(_references())
    return PlanCreated(**draw(_envelope()), plan=draw(_plans(in_team=team is not None)), team=team)


@cache
@st.composite
def plan_revised(draw: st.DrawFn) -> PlanRevised:
    """A care plan is told whole again."""
    team = draw(_references())
    return PlanRevised(**draw(_envelope()), plan=draw(_plans(in_team=team is not None)), team=team)


@cache
@st.composite
def activity_changed(draw: st.DrawFn) -> ActivityChanged:
    """One activity of a known plan changes; mostly nothing but the plan's id is said of it."""
    team = draw(_references())
    plan = draw(keys().map(lambda id: Plan(id=id)) | _plans(in_team=False).map(lambda one: replace(one, activities=())))
    activity = draw(_activities(in_team=team is not None))
    return ActivityChanged(**draw(_envelope()), plan=plan, activity=activity, team=team)


@cache
@st.composite
def plan_closed(draw: st.DrawFn) -> PlanClosed:
    """A care plan ends; mostly nothing but its id, the end and the reason are said."""
    plan = draw(keys().map(lambda id: Plan(id=id)) | _plans(in_team=False))
    status = draw(maybe(st.sampled_from(PLAN_ENDS)))
    plan = replace(plan, status=status, closed_reason=draw(maybe(lines())))
    return PlanClosed(**draw(_envelope()), plan=plan, team=draw(_references()))


# — reports


@cache
def documents() -> st.SearchStrategy[Document]:
    """Bytes that begin like a PDF, or a digest of some uploaded before."""
    data = st.binary(max_size=24).map(lambda some: b"%PDF-1.4\n" + some)
    digest = st.integers(0, 2**256 - 1).map(lambda number: f"sha256:{number:064x}")
    pdf = st.just("application/pdf")
    return st.builds(Document, content_type=pdf, data=data) | st.builds(Document, content_type=pdf, content=digest)


@cache
@st.composite
def encounters(draw: st.DrawFn) -> Encounter:
    """The contact or stay a report belongs to."""
    since, until = draw(spans())
    return Encounter(id=draw(keys()), type=draw(maybe(code("J142"))), since=since, until=until)


@cache
@st.composite
def _reports(draw: st.DrawFn) -> Report:
    start, end = draw(spans())
    return Report(
        id=draw(keys()),
        title=draw(maybe(lines())),
        type=draw(code("J07")),
        created_at=draw(instants()),
        authors=draw(several(professionals())),
        signed_by=draw(maybe(st.builds(Signature, professional=professionals(), at=whens()))),
        custodian=draw(maybe(organizations())),
        service_start=start,
        service_end=end,
        acts=draw(several(open_codes(), 1)),
        facility=draw(maybe(code("J02"))),
        setting=draw(maybe(code("J04"))),
        encounter=draw(maybe(encounters())),
        language=draw(maybe(st.just("fr-FR"))),
        confidentiality=draw(maybe(st.sampled_from(("N", "R", "V")))),
        masks=draw(st.lists(choice(Mask), max_size=2, unique=True).map(tuple)),
        secret_care=draw(maybe(st.booleans())),
        version=draw(maybe(st.integers(1, 9))),
        replaces=draw(maybe(keys())),
        document=draw(maybe(documents())),
    )


@cache
@st.composite
def report_shared(draw: st.DrawFn) -> ReportShared:
    """A report is shared, with its document or without."""
    return ReportShared(**draw(_envelope()), report=draw(_reports()), team=draw(_references()))


@cache
@st.composite
def report_replaced(draw: st.DrawFn) -> ReportReplaced:
    """A newer version of a report is shared."""
    report = draw(_reports())
    report = replace(report, replaces=report.replaces if report.replaces not in (None, report.id) else "V-1")
    return ReportReplaced(**draw(_envelope()), report=report, team=draw(_references()))


@cache
@st.composite
def report_cancelled(draw: st.DrawFn) -> ReportCancelled:
    """A report is taken back."""
    reason = draw(st.sampled_from(("wrong-patient", "wrong-recipient", "error", "patient-request")))
    report = CancelledReport(id=draw(keys()), reason=reason)  # type: ignore[arg-type]
    return ReportCancelled(**draw(_envelope()), report=report, team=draw(_references()))


KINDS: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    "team.created": team_created,
    "team.member-joined": member_joined,
    "team.member-left": member_left,
    "team.role-changed": role_changed,
    "team.closed": team_closed,
    "plan.created": plan_created,
    "plan.revised": plan_revised,
    "plan.activity-changed": activity_changed,
    "plan.closed": plan_closed,
    "report.shared": report_shared,
    "report.replaced": report_replaced,
    "report.cancelled": report_cancelled,
}
"""The strategy of each kind of event."""


@cache
def events() -> st.SearchStrategy[Event]:
    """An event of any kind."""
    return st.one_of(*(kind() for kind in KINDS.values()))


# — what was known before


_AS_OF = Instant("2019-12-31T00:00:00Z")  # before anything the strategies draw


def known_for(event: Event) -> Known:
    """A memory in which the event can be accepted: what it changes or refers to, with the members it names."""
    match event:
        case TeamCreated():
            return Known()
        case MemberJoined():
            return Known(team=_known_team(event.team.id, ["M-known" if event.member.id != "M-known" else "M-other"]))
        case MemberLeft() | RoleChanged():
            return Known(team=_known_team(event.team.id, ["M-known"], event.member))
        case TeamClosed():
            return Known(team=_known_team(event.team.id, ["M-1", "M-2"]))
    named = [one.who.member for one in _activities_of(event) if one.who and one.who.member]
    team = getattr(event, "team", None)
    known = Known(team=_known_team(team.id, named) if team else None)
    match event:
        case PlanRevised() | ActivityChanged() | PlanClosed():
            plan = Plan(id=event.plan.id, title="Plan connu", status="active", since=When("1890-01-01"))
            return replace(known, plan=KnownPlan(plan=plan, patient=PATIENT, as_of=_AS_OF))
        case ReportReplaced():
            return replace(known, replaced=_known_report(event.report.replaces or ""))
        case ReportCancelled():
            return replace(known, report=_known_report(event.report.id))
    return known


def _activities_of(event: Event) -> tuple[Activity, ...]:
    match event:
        case ActivityChanged():
            return (event.activity,)
        case PlanCreated() | PlanRevised() | PlanClosed():
            return event.plan.activities
    return ()


def _known_report(id: str) -> KnownReport:
    return KnownReport(id=id, patient=PATIENT, as_of=_AS_OF, series=id, version=0, told_by=("E-0",))


def _known_team(id: str, named: list[str], spoken_of: Member | None = None) -> KnownTeam:
    members = [_known_member(one, rank) for rank, one in enumerate(dict.fromkeys(named))]
    if spoken_of is not None:
        members = [one for one in members if one.id != spoken_of.id]
        members.append(_known_as(spoken_of, len(members)))
    team = Team(
        id=id,
        name="Équipe connue",
        since=When("1890-01-01"),  # before anything the strategies draw
        status="active",
        ground=Ground(kind="formalised"),
        members=tuple(members),
    )
    return KnownTeam(team=team, patient=PATIENT, as_of=_AS_OF)


def _known_as(spoken_of: Member, rank: int) -> Member:
    """The member an event speaks of, as the team has had them since its beginning."""
    who: dict[str, Any] = {name: getattr(spoken_of, name) for name in ("rpps", "ids", "related", "organization")}
    if not any(who.values()):
        return replace(_known_member(spoken_of.id, rank), since=When("1890-01-01"))
    return Member(id=spoken_of.id, **who, roles=(Coded(code="PROV"),), since=When("1890-01-01"))


def _known_member(id: str, rank: int) -> Member:
    number = Rpps(_keyed(f"10{rank:08d}"))
    return Member(id=id, rpps=number, family=f"CONNU{rank}", given="Alix", roles=(Coded(code="PROV"),))
