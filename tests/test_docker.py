"""What stands in docker/ is true: the installation works for nobody in particular, and its files agree with each other.

The image itself is not built here: that needs a Docker daemon. All it runs is install.sh, which is run here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from gateway.cli.commands import app
from gateway.config import load
from gateway.wiring import key_of_32

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / "docker"
COMPOSED = ("trial", "production")
OURS = "passerelle"
NOBODY = 65534


def composed(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = YAML(typ="safe").load((DOCKER / f"compose.{name}.yaml").read_text("utf-8"))
    return tree


def ours(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that are this product."""
    return {name: one for name, one in tree["services"].items() if one["image"] == OURS}


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest) of the Dockerfile, continued lines joined."""
    text = (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, rest in lines]


def checkout(folder: Path) -> Path:
    """What the image is built from, as its .dockerignore says, and nothing else."""
    lines = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for name in (line[1:] for line in lines if line.startswith("!")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    return folder


@pytest.fixture(scope="module")
def unprivileged() -> Iterator[tuple[Path, list[str]]]:
    """A folder of its own for a user who is nobody, and the words that make a command theirs.

    Not below pytest's own folders: those are closed to others.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        become: list[str] = []
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                pytest.skip("root without setpriv: cannot become somebody without rights")
            os.chown(folder, NOBODY, NOBODY)
            become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        yield folder, become


@pytest.fixture(scope="module")
def installed(unprivileged: tuple[Path, list[str]]) -> Path:
    """The command, installed into an empty prefix by somebody without rights and without a compiler."""
    folder, become = unprivileged
    environment = {**os.environ, "HOME": str(folder), "PIP_ONLY_BINARY": ":all:"}
    with tempfile.TemporaryDirectory() as name:
        source = checkout(Path(name))
        source.chmod(0o755)
        command = [*become, str(source / "docker" / "install.sh"), str(folder / "prefix"), "--with-sandbox"]
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert {each.name for each in folder.iterdir()} == {"prefix"}
    return Path(ran.stdout.strip())


def test_somebody_without_rights_installs_it_into_an_empty_folder_and_translates(
    installed: Path, unprivileged: tuple[Path, list[str]]
) -> None:
    folder, become = unprivileged
    example = shutil.copy(ROOT / "examples" / "team.created.json", folder)
    ran = subprocess.run([*become, installed, "translate", example], cwd=folder, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["type"] == "transaction"


def test_the_versions_installed_are_those_of_the_constraints(installed: Path) -> None:
    pip = [installed.parent / "python", "-m", "pip", "list", "--format", "json"]
    there = {one["name"].lower(): one["version"] for one in json.loads(subprocess.check_output(pip))}
    wanted = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    both = {name: version for name, version in wanted.items() if name.lower() in there}
    assert len(both) > 30
    assert {name: there[name.lower()] for name in both} == both
    assert "pytest" not in there


@pytest.mark.parametrize("words", [[], ["/tmp/x", "--with-everything"]])
def test_the_installation_says_how_it_is_called(words: list[str]) -> None:
    ran = subprocess.run([DOCKER / "install.sh", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "install.sh" in ran.stderr


def test_the_image_runs_the_installation_and_nothing_that_is_not_tested_here() -> None:
    runs = [rest for word, rest in instructions() if word == "RUN"]
    assert runs == [
        "/source/docker/install.sh /opt/passerelle --with-sandbox",
        "install -d -o 10001 -g 10001 -m 700 /var/lib/passerelle",
    ]


def test_the_image_that_converts_adds_one_program_and_is_nobody_again() -> None:
    lines = (DOCKER / "Dockerfile.converter").read_text("utf-8").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    assert [word for word, _ in said] == ["FROM", "USER", "RUN", "USER"]
    assert (said[0][1], said[-1][1]) == (OURS, "10001:10001")
    assert re.search(r"install -y --no-install-recommends ghostscript &&", said[2][1])


def test_the_image_is_nobody_and_has_one_command() -> None:
    told = dict(instructions())
    user = told["USER"].split(":")[0]
    assert user.isdecimal()
    assert int(user) > 0
    assert json.loads(told["ENTRYPOINT"]) == ["passerelle"]
    assert json.loads(told["CMD"])[0] in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert "/health/live" in told["HEALTHCHECK"]
    assert {rest.split()[0] for word, rest in instructions() if word == "FROM"} == {"python:3.11-slim-bookworm"}


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_reads_it(name: str) -> None:
    command = ["docker-compose", "-f", f"compose.{name}.yaml", "--profile", "sandbox", "config", "--quiet"]
    ran = subprocess.run(command, cwd=DOCKER, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", COMPOSED)
def test_everything_a_service_names_is_there(name: str) -> None:
    tree = composed(name)
    for service, one in tree["services"].items():
        for volume in one.get("volumes", []):
            place = volume.split(":")[0]
            there = (DOCKER / place).exists() if place.startswith(".") else place in tree["volumes"]
            assert there, (service, volume)
        assert set(one.get("secrets", [])) <= set(tree.get("secrets", {})), service
        assert set(one.get("networks", [])) <= set(tree.get("networks", {})), service
        assert set(one.get("depends_on", {})) <= set(tree["services"]), service
    used = {volume.split(":")[0] for one in tree["services"].values() for volume in one.get("volumes", [])}
    assert set(tree["volumes"]) <= used
    assert set(tree.get("secrets", {})) == {
        each for one in tree["services"].values() for each in one.get("secrets", [])
    }
    asked = re.findall(r"\$\{(\w+)(:-[^}]*)?\}", (DOCKER / f"compose.{name}.yaml").read_text("utf-8"))
    assert all(default for _, default in asked), "every variable has a value unless it is given"


@pytest.mark.parametrize("name", COMPOSED)
def test_every_service_of_ours_is_the_image_and_runs_a_command_there_is(name: str) -> None:
    for service, one in ours(composed(name)).items():
        build = one["build"]
        assert (DOCKER / build["context"] / build["dockerfile"]).resolve() == DOCKER / "Dockerfile", service
        command = typer.main.get_command(app)
        words = list(one["command"])
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        if "--config" in words:
            mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in one["volumes"]}
            assert words[words.index("--config") + 1] in mounted, service


@pytest.mark.parametrize("name", COMPOSED)
def test_nothing_is_reachable_from_another_machine_and_nothing_runs_with_rights(name: str) -> None:
    for service, one in composed(name)["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), service
        assert not {"privileged", "user", "cap_add", "pid"} & set(one), service
    for service in ("passerelle",) if name == "trial" else ("serve", "work"):
        one = composed(name)["services"][service]
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])


@pytest.mark.parametrize("name", COMPOSED)
def test_its_settings_load_and_name_only_what_the_container_has(name: str) -> None:
    settings, tree = load(DOCKER / name / "passerelle.yaml"), composed(name)
    (service,) = (one for one in ours(tree).values() if "ports" in one)
    assert str(settings.server.port) == service["ports"][0].split(":")[1] == service["ports"][0].split(":")[2]
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    assert f"/etc/passerelle/{settings.routes.name}" in mounted
    references = [settings.vault.key, settings.audit.key, settings.database_password or ""]
    for reference in filter(None, references):
        path = reference.removeprefix("file:")
        given = path.removeprefix("/run/secrets/") in service.get("secrets", [])
        assert given or path.startswith("/var/lib/passerelle/secrets/"), reference
    assert str(settings.audit.checkpoints).startswith("/var/lib/passerelle/")
    assert settings.production == (name == "production")


def test_the_trial_starts_from_what_init_made(tmp_path: Path) -> None:
    state, settings = tmp_path / "state", tmp_path / "passerelle.yaml"
    text = (DOCKER / "trial" / "passerelle.yaml").read_text("utf-8").replace("/var/lib/passerelle", str(state))
    settings.write_text(text.replace("behind_proxy: true", "behind_proxy: true, port: 0"), "utf-8")
    shutil.copy(ROOT / "examples" / "routes.yaml", tmp_path)
    passerelle = [sys.executable, "-m", "gateway.cli"]
    for _ in range(2):  # the container makes them at every start
        subprocess.run([*passerelle, "init", state], check=True, capture_output=True)
    up = [*passerelle, "up", "--config", settings]
    with subprocess.Popen(up, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        address = json.loads(running.stdout.readline())["listening"].replace("0.0.0.0", "127.0.0.1")
        with urllib.request.urlopen(f"{address}/health/live", timeout=10) as answer:
            alive = json.loads(answer.read())
        running.send_signal(signal.SIGTERM)
    assert alive == {"live": True}
    assert running.returncode in (0, -signal.SIGTERM)


def test_the_secrets_are_made_once_are_fit_for_use_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = subprocess.check_output([DOCKER / "secrets.sh", folder], text=True).split()
    assert {Path(each).name for each in made} == {
        Path(one["file"]).name for one in composed("production")["secrets"].values()
    }
    assert folder.stat().st_mode & 0o077 == 0
    keys = {name: (folder / name).read_bytes() for name in os.listdir(folder)}
    assert len(set(keys.values())) == 3
    assert len(key_of_32(f"file:{folder}/vault.key")) == len(key_of_32(f"file:{folder}/audit.key")) == 32
    assert subprocess.check_output([DOCKER / "secrets.sh", folder]) == b""
    assert {name: (folder / name).read_bytes() for name in os.listdir(folder)} == keys
