"""routes.yaml read: every fault at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.route import BadRoutes, RouteFault, Routes
from gateway.route.table import read_routes
from tests.route.cast import EXAMPLE


def faults(source: bytes) -> set[tuple[str, int]]:
    with pytest.raises(BadRoutes) as bad:
        read_routes(source)
    return {(one.code, one.line) for one in bad.value.faults}


def refusals(source: bytes) -> tuple[RouteFault, ...] | None:
    try:
        read_routes(source)
    except BadRoutes as bad:
        return bad.faults
    return None


def one_route(**changed: str) -> bytes:
    fields = {"name": "a", "to": "{each: member}", "via": "mssante", "mode": "exchange", **changed}
    return ("routes:\n  - " + "\n    ".join(f"{name}: {text}" for name, text in fields.items())).encode()


def test_the_published_example_is_read_as_it_stands() -> None:
    (route,) = read_routes(EXAMPLE)
    assert route.name == "Every team change goes to each professional member's own mailbox"
    assert (route.when.event, route.when.structure) == (("team.*",), ("CPTS Exemple",))
    assert (route.to.each, route.to.prefer) == ("member", ("PER", "ORG"))
    assert (route.via, route.mode, route.attach_fhir) == ("mssante", "exchange", "known-gateways")


def test_sharing_is_refused_at_load_and_the_rule_is_named() -> None:
    with pytest.raises(BadRoutes, match=r"routes\.yaml:5:5: routes/0/mode: .*L01.*share-not-supported"):
        read_routes(one_route(mode="share"))


def test_a_route_that_declares_no_mode_is_refused() -> None:
    assert faults(b"routes:\n  - {name: a, to: {patient: true}, via: folder}") == {("missing-field", 2)}


def test_every_fault_is_told_at_once_with_its_line() -> None:
    source = b"""\
routes:
  - name: x
    when: {event: "tem.*", plan: XX, foo: 1}
    to: {each: membre, role: PCP, prefer: []}
    via: fax
    mode: share
    else: nobody
  - name: x
    valid: {from: 2026-02-31, to: 12}
    unless: {}
    to: {address: not, category: 3}
    via: mssante
    mode: exchange
    mode: exchange
  - 12
other: 1
"""
    assert faults(source) == {
        ("matches-nothing", 3),
        ("unknown-code", 3),
        ("unknown-field", 3),
        ("one-way-only", 4),
        ("unknown-code", 4),
        ("missing-field", 4),
        ("unknown-code", 5),
        ("share-not-supported", 6),
        ("unknown-route", 7),
        ("duplicate-name", 8),
        ("bad-date", 9),
        ("missing-field", 10),
        ("address-form", 11),
        ("unknown-code", 11),
        ("duplicate-key", 14),
        ("wrong-type", 15),
        ("unknown-field", 16),
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "{}"}, "one-way-only"),
        ({"to": "{role: PCP, name: X}"}, "unknown-field"),
        ({"to": "{treating-physician: false}"}, "unknown-code"),
        ({"valid": "{from: 2026-12-01, to: 2026-11-01}"}, "dates-reversed"),
        ({"else": "true"}, "unknown-route"),
        ({"name": '"a\\nb"'}, "bad-text"),
        ({"attach_fhir": "sometimes"}, "unknown-code"),
        ({"when": "[team]"}, "wrong-type"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, str], code: str) -> None:
    assert code in {found for found, _ in faults(one_route(**changed))}


def test_no_and_on_are_words_and_numbers_keep_their_zeros() -> None:
    (route,) = read_routes(one_route(when="{client: [NO, on], structure: [010000024, 750000127]}"))
    assert route.when.client == ("NO", "on")
    assert route.when.structure == ("010000024", "750000127")


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        (b"a: &x [1, 2]\nb: [*x, *x]", "yaml-alias"),
        (b"routes: !!python/object/apply:os.system [ls]", "yaml-tag"),
        (b"[" * 5_000, "not-yaml"),
        (b"\xff\xfe", "not-utf8"),
        (b"routes: []\n---\nroutes: []", "not-yaml"),
        (b"# " + b"a" * (1 << 20), "too-large"),
        (b"routes: " + b"[" * 40 + b"]" * 40, "too-deep"),
        (b"a: [", "not-yaml"),
        (b"", "missing-field"),
        (b"routes:\n" + b"  - 1\n" * 1_001, "too-many"),
    ],
)
def test_hostile_bytes_are_refused(hostile: bytes, code: str) -> None:
    assert code in {found for found, _ in faults(hostile)}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!'\"\n #|>%@`?,0", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_place(source: bytes) -> None:
    found = refusals(source)
    assert found is None or (found and all(one.line >= 1 and one.column >= 1 and one.code for one in found))


def test_a_file_is_named_in_its_faults(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(one_route(via="fax"))
    with pytest.raises(BadRoutes, match=r"mine\.yaml:4:5"):
        Routes.load(file)
    with pytest.raises(BadRoutes, match="no-file"):
        Routes.load(tmp_path / "absent.yaml")


def test_the_guide_to_routes_shows_a_table_that_is_read() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs/howto/routes.md").read_text("utf-8")
    shown = guide.split("```yaml\n")[1].split("```")[0]
    assert [one.otherwise for one in read_routes(shown.encode())] == [(), (), True]
