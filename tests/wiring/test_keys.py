"""Secrets by reference: the database's password is one like the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.first import write_first_settings
from gateway.config import BadSettings, Settings, load
from gateway.wiring import database_url


def settings(folder: Path, database: str) -> Settings:
    write_first_settings(folder, b"routes: []\n")
    file = folder / "passerelle.yaml"
    text = file.read_text("utf-8").replace("database: sqlite:///var/passerelle.db", f"database: {database}")
    file.write_text(text + "database_password: file:secrets/database\n", "utf-8")
    return load(file)


def test_the_password_stands_in_the_address_only_when_it_is_opened(tmp_path: Path) -> None:
    told = settings(tmp_path, "postgresql://passerelle@db:5432/passerelle")
    (tmp_path / "secrets" / "database").write_text("p@ss/word é\n", "utf-8")
    assert "p@ss" not in repr(told)
    assert database_url(told) == "postgresql://passerelle:p%40ss%2Fword%20%C3%A9@db:5432/passerelle"


@pytest.mark.parametrize(
    "database", ["sqlite:///var/x.db", "postgresql://db/passerelle", "postgresql://passerelle:sesame@db/passerelle"]
)
def test_a_password_for_nobody_or_one_too_many_is_named_with_its_line(database: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"passerelle.yaml:\d+: database_password: ") as wrong:
        settings(tmp_path, database)
    assert "sesame" not in str(wrong.value)


def test_a_password_that_is_not_there_is_named_by_its_reference(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="secrets/database: no such secret"):
        database_url(settings(tmp_path, "postgresql://passerelle@db/passerelle"))
