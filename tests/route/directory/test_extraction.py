"""Mailboxes found in the national text extraction."""

from __future__ import annotations

import dataclasses
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.identity import Identifier, MailAddress, Scheme
from gateway.route import Addressee, BadExtraction, Choice, Extraction, Unlisted
from gateway.route.directory.rows import COLUMNS, row_of

HEADER = "|".join(
    ["Type de BAL", "Adresse BAL", "Type Identifiant PP", "Identifiant PP", "Identification Nationale PP",
     "Type Identifiant Structure", "Identification Structure"] + [f"Colonne {n}" for n in range(8, 32)]
)  # fmt: skip
LUC, ANA = "10100054328", "10100012342"
CABINET, HOSPITAL = "750000127", "750000002"


def line(type: str, address: str, rpps: str = "", finess: str = "", paperless: str = "", kind: str = "FINESS") -> str:
    person = ["8", rpps, "8" + rpps] if rpps else ["", "", ""]
    site = [kind, finess] if finess else ["", ""]
    cells = [type, address, *person, *site, *([""] * 10), paperless]
    return "|".join(cells + [""] * (COLUMNS - len(cells)))


LINES = [
    line("PER", "luc@a.mssante.test", LUC),
    line("PER", "luc.cabinet@a.mssante.test", LUC, CABINET),
    line("PER", "luc.cabinet@a.mssante.test", LUC, CABINET),  # the official file holds duplicates
    line("PER", "ana.zero@a.mssante.test", ANA, "", "O"),
    line("PER", "ana.autre@a.mssante.test", ANA, "", "N"),
    line("ORG", "cabinet@a.mssante.test", "", CABINET),
    line("ORG", "urgences@a.mssante.test", "", HOSPITAL),
    line("ORG", "gériatrie@a.mssante.test", "", HOSPITAL),  # not an address mail can carry
    line("ORG", "geriatrie@a.mssante.test", "", HOSPITAL),
    line("APP", "app@a.mssante.test", "", CABINET),
    "PER|broken",
    line("XXX", "x@a.mssante.test", LUC),
    line("PER", "nobody@a.mssante.test"),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "Extraction_Correspondance_MSSante_202611210500.txt"
    file.write_text("\n".join([HEADER, *LINES]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def directory(source: Path, tmp_path: Path) -> Extraction:
    return Extraction.open(source, tmp_path / "index")


def choice(rpps: str | None = None, finess: str | None = None, **more: Any) -> Choice:
    sites = (Identifier(Scheme.FINESS, finess),) if finess else ()
    id = f"RPPS:{rpps}" if rpps else f"FINESS:{finess}"
    kind: Any = "professional" if rpps else "structure"
    whom = Addressee(kind=kind, id=id, ids=(id,), name="X", organizations=sites, address=more.pop("address", None))
    return Choice(
        addressee=whom, transport="mssante", mode="exchange", prefer=more.pop("prefer", ("PER", "ORG")),
        attach_fhir="never", route="", reasons=(), named=True, in_team=False,
    )  # fmt: skip


def named(type: str, address: str, rpps: str = "", finess: str = "", *, person: str = "|", site: str = "") -> str:
    """A line with the names the directory writes: `person` as family|given, `site` of the structure."""
    cells = line(type, address, rpps, finess).split("|")
    cells[9], cells[10] = person.split("|")
    cells[18] = site
    return "|".join(cells)


def test_who_is_known_by_a_number_alone_is_called_by_the_directorys_name(tmp_path: Path) -> None:
    source = tmp_path / "names.txt"
    lines = [
        named("PER", "luc@a.mssante.test", LUC, CABINET, person="DURAND|Luc", site="Cabinet Durand"),
        named("ORG", "cabinet@a.mssante.test", "", CABINET, site="Cabinet Durand"),
    ]
    source.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    directory = Extraction.open(source, tmp_path / "index")

    def called(wanted: Choice, name: str | None = None) -> str:
        whom = dataclasses.replace(wanted.addressee, name=name or wanted.addressee.id)
        wanted = dataclasses.replace(wanted, addressee=whom)
        return directory.find(wanted)[0].names(wanted).addressee.name

    assert called(choice(LUC)) == "Luc DURAND"
    assert called(choice(None, CABINET)) == "Cabinet Durand"
    assert called(choice(LUC), "Dr Durand") == "Dr Durand"  # the sender's word stands
    only_the_structures = choice(LUC, CABINET, prefer=("ORG",))
    assert called(only_the_structures) == only_the_structures.addressee.id


def addresses(directory: Extraction, wanted: Choice) -> list[str]:
    return [found.address.text for found in directory.find(wanted)]


def test_the_mailbox_at_the_structure_meant_comes_first(directory: Extraction) -> None:
    found = directory.find(choice(LUC, CABINET))
    assert [one.address.text for one in found] == ["luc.cabinet@a.mssante.test", "cabinet@a.mssante.test"]
    assert found[0].because == f"PER of RPPS {LUC} at the structure meant"
    assert (found[0].type, found[0].organization) == ("PER", f"1{CABINET}")


def test_else_a_personal_mailbox_anywhere(directory: Extraction) -> None:
    assert addresses(directory, choice(LUC, HOSPITAL)) == ["luc.cabinet@a.mssante.test", "luc@a.mssante.test"]


def test_else_the_mailbox_of_the_structure(directory: Extraction) -> None:
    assert addresses(directory, choice("10100000018", CABINET)) == ["cabinet@a.mssante.test"]


def test_the_order_of_preference_is_kept_and_nothing_else_is_answered(directory: Extraction) -> None:
    both = choice(LUC, CABINET, prefer=("ORG", "PER"))
    assert addresses(directory, both) == ["cabinet@a.mssante.test", "luc.cabinet@a.mssante.test"]
    assert addresses(directory, choice(LUC, CABINET, prefer=("APP",))) == ["app@a.mssante.test"]


def test_a_structure_never_receives_at_a_persons_mailbox(directory: Extraction) -> None:
    assert addresses(directory, choice(None, CABINET)) == ["cabinet@a.mssante.test"]
    assert addresses(directory, choice(None, CABINET, prefer=("PER",))) == []


def test_where_a_structure_has_several_mailboxes_none_is_guessed(directory: Extraction) -> None:
    assert addresses(directory, choice(None, HOSPITAL)) == []
    told = directory.of_structure(Identifier(Scheme.FINESS, HOSPITAL), "ORG")
    assert [one.address.text for one in told] == ["geriatrie@a.mssante.test", "urgences@a.mssante.test"]


def test_for_a_person_to_pick_from_every_mailbox_of_theirs_is_told(directory: Extraction) -> None:
    told = {one.address.text for one in directory.known(choice(None, HOSPITAL).addressee)}
    assert {"geriatrie@a.mssante.test", "urgences@a.mssante.test"} <= told
    assert {one.address.text for one in directory.known(choice(ANA).addressee)} == {
        "ana.zero@a.mssante.test",
        "ana.autre@a.mssante.test",
    }


def test_those_who_want_no_paper_are_written_to_there(directory: Extraction) -> None:
    assert addresses(directory, choice(ANA)) == ["ana.zero@a.mssante.test", "ana.autre@a.mssante.test"]
    assert [one.paperless for one in directory.find(choice(ANA))] == [True, False]


def test_an_address_already_given_needs_no_directory(directory: Extraction) -> None:
    mine = MailAddress("mine@b.mssante.test")
    for place in (directory, Unlisted()):
        (found,) = place.find(choice(LUC, address=mine))
        assert (found.address, found.type) == (mine, None)
    assert Unlisted().find(choice(LUC)) == ()


def test_someone_unknown_has_no_mailbox(directory: Extraction) -> None:
    assert addresses(directory, choice("10100000018")) == []


def test_bad_lines_are_counted_and_never_fatal(directory: Extraction) -> None:
    assert (directory.mailboxes, directory.bad_lines) == (9, 4)


def test_hostile_lines_are_only_bad_lines(tmp_path: Path) -> None:
    file = tmp_path / "hostile.txt"
    good = line("PER", "luc@a.mssante.test", LUC).encode()
    lines = [HEADER.encode(), b"\xff" * 50, b"|" * 100_000, b"a" * 500_000, b"", b"\0", good]
    file.write_bytes(b"\n".join(lines))
    directory = Extraction.open(file, tmp_path / "index")
    assert (directory.mailboxes, directory.bad_lines) == (1, 5)


def test_the_index_is_built_once_and_again_when_the_extraction_changes(source: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    first = Extraction.open(source, index)
    made = index.stat().st_mtime_ns
    assert Extraction.open(source, index) == first
    assert index.stat().st_mtime_ns == made
    source.write_text("\n".join([HEADER, line("PER", "new@a.mssante.test", LUC)]) + "\n", encoding="utf-8")
    second = Extraction.open(source, index)
    assert second.version != first.version
    assert addresses(second, choice(LUC)) == ["new@a.mssante.test"]


def test_workers_that_start_together_build_it_alike(source: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as workers:
        opened = list(workers.map(lambda _: Extraction.open(source, tmp_path / "index"), range(4)))
        found = list(workers.map(lambda one: addresses(one, choice(LUC, CABINET)), opened))
    assert len(set(opened)) == 1
    assert found == [["luc.cabinet@a.mssante.test", "cabinet@a.mssante.test"]] * 4


def test_a_damaged_index_is_built_again(source: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.write_bytes(b"not an index" * 1_000)
    assert Extraction.open(source, index).mailboxes == 9


@pytest.mark.parametrize("body", [b"", b"hello\n", b"\x00" * 5_000, b"PK\x03\x04broken"])
def test_what_is_no_extraction_is_refused_and_the_old_index_stays(source: Path, tmp_path: Path, body: bytes) -> None:
    index = tmp_path / "index"
    Extraction.open(source, index)
    before = index.read_bytes()
    source.write_bytes(body)
    with pytest.raises(BadExtraction):
        Extraction.open(source, index)
    assert index.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([source.name, "index"])


def test_a_missing_extraction_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadExtraction):
        Extraction.open(tmp_path / "absent.txt", tmp_path / "index")


def test_an_index_that_cannot_be_written_is_told(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadExtraction, match="index cannot be written"):
        Extraction.open(source, source / "below" / "a-file")
    assert Extraction.open(source, tmp_path / "new" / "folder" / "index").mailboxes == 9


def test_the_archive_is_read_as_it_is_published(source: Path, tmp_path: Path) -> None:
    archive = tmp_path / "extraction.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(source, source.name)
    assert Extraction.open(archive, tmp_path / "index").mailboxes == 9
    with zipfile.ZipFile(archive, "a") as file:
        file.write(source, "second.txt")
    with pytest.raises(BadExtraction, match="one text file"):
        Extraction.open(archive, tmp_path / "other")


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("FINESS", CABINET, f"1{CABINET}"),
        ("1", f"1{CABINET}", f"1{CABINET}"),
        ("SIRET", "35600000000048", "335600000000048"),
        ("4", "10100054328001", "410100054328001"),
        ("", CABINET, f"?{CABINET}"),
    ],
)
def test_a_structure_is_stored_under_its_national_form(kind: str, value: str, stored: str) -> None:
    row = row_of(line("ORG", "x@a.mssante.test", "", value, kind=kind))
    assert row is not None
    assert row.structure == stored


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.lists(st.text(max_size=6), min_size=31, max_size=31).map("|".join))
def test_any_line_is_a_row_or_none(text: str) -> None:
    row = row_of(text)
    assert row is None or (row.address == MailAddress(row.address).text and (row.person or row.structure))
