"""What waits outside while there is no room: files in their folder, mails in their mailbox, never lost."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

from gateway.cli.box import CLIENT, TENANT
from gateway.deliver import DropFolder
from gateway.journey.collect import collect
from gateway.journey.drop import take_dropped
from gateway.journey.gateway import Drop
from gateway.journey.pressure import Ceilings, Pressure
from gateway.model.exchange import LegState
from gateway.wiring.reserve import Reserve
from tests.journey.conftest import EXAMPLES, World


def pressed(world: World, folder: Path, **ceilings: int) -> World:
    """The same world, on a disk that has to keep so much free."""
    pressure = Pressure(Ceilings(**ceilings), disk=Reserve(folder, (), 0))
    gateway = replace(world.gateway, pressure=pressure)
    pressure.look(gateway, "test")
    return world._with(gateway)


def test_a_file_waits_in_its_folder_until_there_is_room(every_world: World, tmp_path: Path) -> None:
    drop = Drop(TENANT, CLIENT, "canonical", DropFolder(tmp_path / "drop", max_bytes=1_000_000))
    full = pressed(every_world, tmp_path, disk=2**60)
    free = pressed(every_world, tmp_path)
    take_dropped(replace(free.gateway, drops=[drop]))  # makes the folder
    file = tmp_path / "drop" / "in" / "events.json"
    file.write_bytes((EXAMPLES / "team.created.json").read_bytes())
    os.utime(file, (time.time() - 60,) * 2)
    assert not take_dropped(replace(full.gateway, drops=[drop]))
    assert file.exists()
    assert take_dropped(replace(free.gateway, drops=[drop]))
    answer = json.loads((tmp_path / "drop" / "done" / "events.json.answer.json").read_bytes())
    assert answer["accepted"] == 1


def test_a_software_that_waits_for_its_own_events_leaves_its_files_and_nobody_elses(
    world: World, tmp_path: Path
) -> None:
    world.tell("team.created")
    busy = pressed(world, tmp_path, unprepared=1)
    assert busy.gateway.pressure.one(TENANT, CLIENT) is not None
    assert busy.gateway.pressure.one(TENANT, "another") is None


def test_a_receipt_waits_in_its_mailbox_until_there_is_room(world: World, tmp_path: Path) -> None:
    sent = world.report_to("sophie.bernard")
    world.prepare()
    world.send()
    full = pressed(world, tmp_path, disk=2**60)
    end = time.monotonic() + 30
    while True:  # the recipient's software takes its time to answer
        full.collect()
        assert full.leg(sent).state is LegState.HANDED_OVER
        if collect(world.gateway, world.gateway.transports["mssante"], "test") >= 1:
            break
        assert time.monotonic() < end
        time.sleep(0.1)
    world.collect()
    assert world.leg(sent).state in (LegState.DELIVERED, LegState.READ)


def test_legs_that_wait_do_not_keep_receipts_outside(world: World, tmp_path: Path) -> None:
    world.report_to("sophie.bernard", "hugo.petit")
    world.prepare()
    busy = pressed(world, tmp_path, legs=1)
    assert busy.gateway.pressure.everyone() is not None
    assert busy.gateway.pressure.room() is None


def test_the_reserve_is_of_real_blocks_and_comes_back_to_the_disk_whole(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, (tmp_path / "not there yet",), 3_000_001)
    assert reserve.hold()
    assert not reserve.hold()
    file = tmp_path / ".reserve"
    assert file.stat().st_blocks * 512 >= 3_000_001
    assert Reserve(tmp_path, (), 3_000_001).give_back()
    assert not reserve.give_back()
    assert not file.exists()
    assert reserve.hold()
