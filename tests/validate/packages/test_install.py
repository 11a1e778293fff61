"""Packages come from a registry whole, checked and with what they depend on, or a clear word says why not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.model.errors import Broken
from gateway.validate.library import open_library
from gateway.validate.packages import registry as protocol
from gateway.validate.packages.install import Placed, install, there
from gateway.validate.packages.wanted import Wanted, named
from tests.conftest import SHARED
from tests.places.registry import LittleRegistry, archive_of, made

VALUES = {"resourceType": "ValueSet", "id": "un", "url": "https://exemple.invalid/ValueSet/un", "x": "0123456789" * 500}
UN = made("exemple.un", "1.0.0", VALUES, dependencies={"exemple.deux": "1.0.x"})
DEUX = made("exemple.deux", "1.0.3")
ARCHIVES = {("exemple.un", "1.0.0"): UN, ("exemple.deux", "1.0.3"): DEUX, ("exemple.deux", "1.0.2"): b"an older one"}
WANTED = Wanted(id="exemple.un", version="1.0.0")


@pytest.fixture
def registry() -> Iterator[LittleRegistry]:
    with LittleRegistry(dict(ARCHIVES)) as place:
        yield place


def fetch(into: Path, *registries: LittleRegistry | str, wanted: Wanted = WANTED) -> dict[str, Placed]:
    urls = [one if isinstance(one, str) else one.url for one in registries]
    done = install([wanted], into=into, registries=urls, progress=lambda *_: None)
    return {one.name: one for one in done}


def test_a_package_comes_with_what_it_depends_on(tmp_path: Path, registry: LittleRegistry) -> None:
    done = fetch(tmp_path, registry)
    assert {name: (one.state, one.wanted) for name, one in done.items()} == {
        "exemple.un#1.0.0": ("installed", True),
        "exemple.deux#1.0.3": ("installed", False),
    }
    assert open_library(packages=[tmp_path]).value_set(VALUES["url"]) == VALUES
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "exemple.deux#1.0.3", "exemple.un#1.0.0", "passerelle-lock.json",
    ]  # fmt: skip


def test_the_lock_beside_packages_is_no_package(tmp_path: Path, registry: LittleRegistry) -> None:
    fetch(tmp_path, registry)
    packages = open_library(packages=[tmp_path]).packages
    assert sorted(one.name for one in packages) == ["exemple.deux#1.0.3", "exemple.un#1.0.0"]


def test_what_is_there_is_not_fetched_again(tmp_path: Path, registry: LittleRegistry) -> None:
    fetch(tmp_path, registry)
    registry.asked.clear()
    assert [one.state for one in fetch(tmp_path, registry).values()] == ["there"]
    assert registry.asked == []


def test_progress_is_told_to_the_last_byte(tmp_path: Path, registry: LittleRegistry) -> None:
    told: list[tuple[str, int, int | None]] = []
    install([WANTED], into=tmp_path, registries=[registry.url], progress=lambda *one: told.append(one))
    assert ("exemple.un#1.0.0", len(UN), len(UN)) in told


@pytest.mark.parametrize("ranges", [True, False], ids=["with ranges", "without"])
@pytest.mark.parametrize("mark", ["etag", "sha1"])
def test_a_cut_archive_is_gone_on_with(tmp_path: Path, registry: LittleRegistry, ranges: bool, mark: str) -> None:
    registry.ranges, registry.etag, registry.sha1 = ranges, mark == "etag", mark == "sha1"
    registry.cuts = [100]
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"
    assert registry.asked[2][1].get("range") == "bytes=100-"


def test_what_came_before_is_kept_for_the_next_call(tmp_path: Path, registry: LittleRegistry) -> None:
    registry.cuts = [50, 30, 20]
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "unreachable"
    assert (tmp_path / ".parts" / "exemple.un#1.0.0.tgz").stat().st_size == 100
    assert there(tmp_path) == {}
    registry.asked.clear()
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"
    assert registry.asked[1][1]["range"] == "bytes=100-"


def test_a_part_of_another_file_is_not_gone_on_with(tmp_path: Path, registry: LittleRegistry) -> None:
    registry.cuts = [50, 0, 0]
    fetch(tmp_path, registry)
    (tmp_path / ".parts" / "exemple.un#1.0.0.tgz.etag").write_text('"of another file"')
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"


def test_a_part_nothing_vouches_for_is_fetched_from_its_start(tmp_path: Path, registry: LittleRegistry) -> None:
    registry.etag = registry.sha1 = False
    registry.cuts = [50]
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"
    assert all("range" not in headers for _, headers in registry.asked)


def test_a_part_longer_than_the_archive_is_thrown_away(tmp_path: Path, registry: LittleRegistry) -> None:
    (tmp_path / ".parts").mkdir()
    (tmp_path / ".parts" / "exemple.un#1.0.0.tgz").write_bytes(b"x" * 2 * len(UN))
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"


def test_the_checksum_of_the_registry_must_be_right(tmp_path: Path, registry: LittleRegistry) -> None:
    registry.wrong_sha1 = True
    done = fetch(tmp_path, registry)["exemple.un#1.0.0"]
    assert (done.state, done.faulty) == ("refused", True)
    for checksum in (hashlib.sha1(b"wrong").hexdigest(), hashlib.sha1(UN).hexdigest()):
        assert checksum in done.en
        assert checksum in done.fr
    assert there(tmp_path) == {}


def test_the_checksum_of_the_list_decides_whatever_the_registry_says(tmp_path: Path, registry: LittleRegistry) -> None:
    right, wrong = hashlib.sha256(UN).hexdigest(), hashlib.sha256(b"").hexdigest()
    refused = fetch(tmp_path, registry, wanted=Wanted(id="exemple.un", version="1.0.0", sha256=wrong))
    assert refused["exemple.un#1.0.0"].state == "refused"
    assert wrong in refused["exemple.un#1.0.0"].en
    registry.wrong_sha1 = True
    placed = fetch(tmp_path, registry, wanted=Wanted(id="exemple.un", version="1.0.0", sha256=right))
    assert placed["exemple.un#1.0.0"].sha256 == right


def test_a_checksum_seen_once_must_be_seen_again(tmp_path: Path, registry: LittleRegistry) -> None:
    fetch(tmp_path / "a", registry)
    lock = tmp_path / "a" / "passerelle-lock.json"
    assert json.loads(lock.read_bytes())["exemple.un#1.0.0"] == hashlib.sha256(UN).hexdigest()
    registry.archives["exemple.un", "1.0.0"] = made("exemple.un", "1.0.0")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / lock.name).write_bytes(lock.read_bytes())
    assert fetch(tmp_path / "b", registry)["exemple.un#1.0.0"].state == "refused"
    assert fetch(tmp_path / "c", registry)["exemple.un#1.0.0"].state == "installed"


def test_the_next_registry_is_asked_where_one_has_nothing_or_does_not_answer(tmp_path: Path) -> None:
    with LittleRegistry({}) as empty, LittleRegistry({}, status=503) as ill, LittleRegistry(dict(ARCHIVES)) as good:
        done = fetch(tmp_path, empty, ill, "http://127.0.0.1:9", good)
    assert done["exemple.un#1.0.0"].state == "installed"


def test_a_version_no_registry_has_is_missing(tmp_path: Path, registry: LittleRegistry) -> None:
    for wanted in (Wanted(id="exemple.un", version="9.9.9"), Wanted(id="exemple.neuf", version="1.0.0")):
        (done,) = fetch(tmp_path, registry, wanted=wanted).values()
        assert (done.state, done.faulty) == ("missing", True)
        (done,) = fetch(tmp_path, registry, wanted=wanted.model_copy(update={"optional": True})).values()
        assert (done.state, done.faulty) == ("missing", False)


def test_offline_is_said_in_both_languages(tmp_path: Path) -> None:
    (done,) = fetch(tmp_path, "http://127.0.0.1:9").values()
    assert done.state == "unreachable"
    assert "ne répond" in done.fr
    assert "does not answer" in done.en


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"versions": []}', b'{"versions": {"1.0.0": 3}}', b"[" * 9999]
)
def test_an_address_that_is_no_registry_is_said(tmp_path: Path, registry: LittleRegistry, body: bytes) -> None:
    registry.body = body
    (done,) = fetch(tmp_path, registry).values()
    assert done.state in {"unreachable", "missing"}


def test_a_registry_that_tells_no_place_of_archives_has_them_at_the_usual_one(tmp_path: Path) -> None:
    with LittleRegistry(dict(ARCHIVES), dist=False) as registry:
        assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"


def test_a_slow_registry_is_waited_for_and_a_silent_one_is_not(tmp_path: Path, registry: LittleRegistry) -> None:
    def told(patience_s: float) -> str:
        urls = [registry.url]
        done = install([WANTED], into=tmp_path, registries=urls, progress=lambda *_: None, patience_s=patience_s)
        return done[0].state

    registry.pause_s = 30.0
    assert told(0.2) == "unreachable"
    registry.pause_s = 0.03
    assert told(5.0) == "installed"


def test_a_redirection_is_followed_and_not_for_ever(tmp_path: Path, registry: LittleRegistry) -> None:
    with LittleRegistry(dict(ARCHIVES)) as other:
        registry.moved = other.url
        assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"
    registry.moved = registry.url
    (done,) = fetch(tmp_path / "loop", registry).values()
    assert done.state == "unreachable"


def test_an_https_registry_never_leads_to_http() -> None:
    import httpx

    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://exemple.invalid/"})

    with protocol.registry_client("https://exemple.invalid", 1.0) as client:
        client._transport = httpx.MockTransport(moved)
        with pytest.raises(httpx.UnsupportedProtocol):
            client.get("https://exemple.invalid/x")


@pytest.mark.parametrize(
    "archive",
    [b"no archive", made("exemple.autre", "1.0.0"), made("exemple.un", "1.0.1")],
    ids=["no archive", "another package", "another version"],
)
def test_an_archive_that_is_not_what_it_says_is_refused(tmp_path: Path, archive: bytes) -> None:
    with LittleRegistry({("exemple.un", "1.0.0"): archive}) as registry:
        (done,) = fetch(tmp_path, registry).values()
    assert done.state == "refused"
    assert there(tmp_path) == {}
    assert not (tmp_path / ".parts").exists()


def test_half_a_package_is_replaced(tmp_path: Path, registry: LittleRegistry) -> None:
    (tmp_path / "exemple.un#1.0.0" / "package").mkdir(parents=True)
    assert there(tmp_path) == {}
    assert fetch(tmp_path, registry)["exemple.un#1.0.0"].state == "installed"


def test_dependencies_of_hostile_names_or_in_circles_do_no_harm(tmp_path: Path) -> None:
    hostile = {"../../outside": "1.0.0", "exemple.un": "../x", "exemple.deux": "1.0.0", "exemple.latest": "latest"}
    archives = {
        ("exemple.un", "1.0.0"): made("exemple.un", "1.0.0", dependencies=hostile),
        ("exemple.deux", "1.0.0"): made("exemple.deux", "1.0.0", dependencies={"exemple.un": "1.0.0"}),
        ("exemple.latest", "3.1.4"): made("exemple.latest", "3.1.4"),
    }
    with LittleRegistry(archives) as registry:
        done = fetch(tmp_path, registry)
    assert {name: one.state for name, one in done.items()} == {
        "exemple.un#1.0.0": "installed",
        "exemple.deux#1.0.0": "installed",
        "exemple.latest#3.1.4": "installed",
    }
    assert all(".." not in path for path, _ in registry.asked)


def test_versions_and_addresses_of_a_hostile_registry_do_no_harm(tmp_path: Path, registry: LittleRegistry) -> None:
    told = {
        "1.0.0": {"dist": {"tarball": "http://[", "shasum": 3}},
        "9.9/../../../outside": {"dist": {"tarball": f"{registry.url}/archives/exemple.un/1.0.0"}},
        "9.9\n": {},
    }
    registry.body = json.dumps({"versions": told, "dist-tags": {"latest": ["9.9/../../../outside"]}}).encode()
    for version in ("1.0.0", "9.x", "latest"):
        (done,) = fetch(tmp_path / "into", registry, wanted=Wanted(id="exemple.un", version=version)).values()
        assert done.state in {"missing", "unreachable"}
    assert [one.name for one in tmp_path.iterdir()] == ["into"]
    assert list((tmp_path / "into").iterdir()) == []


def test_a_dependency_no_registry_has_is_told_and_no_fault(tmp_path: Path) -> None:
    archives = {("exemple.un", "1.0.0"): UN}
    with LittleRegistry(archives) as registry:
        done = fetch(tmp_path, registry)
    assert (done["exemple.deux#1.0.x"].state, done["exemple.deux#1.0.x"].faulty) == ("missing", False)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, registry: LittleRegistry) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Broken, match="cannot be written"):
        fetch(tmp_path / "file" / "packages", registry)


def test_packages_are_named_as_caches_spell_them() -> None:
    pinned = Wanted(id="exemple.un", version="1.0.0", sha256="0" * 64)
    assert named(["exemple.un#1.0.0", "exemple.deux@2"], [pinned]) == (pinned, Wanted(id="exemple.deux", version="2"))
    for wrong in ("exemple.un", "#1", "../x#1", "exemple.un#../1", "exemple.un#1/2", ""):
        with pytest.raises(Broken, match="ID#VERSION"):
            named([wrong], [])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the official packages are not beside the project")
@pytest.mark.parametrize("name", ["ans.fhir.fr.cds#2.0.1", "hl7.fhir.fr.core#2.1.0"])
def test_official_packages_come_through_a_registry_unchanged(tmp_path: Path, name: str) -> None:
    folder = SHARED / "fhir-packages" / name / "package"
    id, _, version = name.partition("#")
    with LittleRegistry({(id, version): archive_of(folder)}) as registry:
        fetch(tmp_path, registry, wanted=Wanted(id=id, version=version))
    received = {file.name: file.read_bytes() for file in (tmp_path / name / "package").iterdir()}
    assert received == {file.name: file.read_bytes() for file in folder.glob("*.json")}
