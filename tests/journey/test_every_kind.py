"""The whole vocabulary, told as one story: every event leaves as a mail its recipient can read."""

from __future__ import annotations

import json
from datetime import datetime

from gateway import pack
from gateway.journey.accept import Accepted
from gateway.model.event import KINDS
from gateway.model.exchange import ExchangeState, LegState
from tests.journey.conftest import EXAMPLES, TENANT, World


def happened(kind: str) -> datetime:
    return datetime.fromisoformat(json.loads((EXAMPLES / f"{kind}.json").read_bytes())["occurred_at"])


def leave(world: World, accepted: Accepted) -> list[pack.Mail]:
    """Prepare and send; gives the mails of the legs that may leave."""
    world.prepare()
    assert world.exchange(accepted).state is ExchangeState.PREPARED
    world.send()
    with world.gateway.store.glance() as unit:
        left = [leg for leg in unit.legs.of(TENANT, accepted.exchange) if leg.state is LegState.HANDED_OVER]
        return [pack.read_mail(unit.contents.get(TENANT, accepted.exchange, f"parcel/{leg.n}")) for leg in left]


def test_every_kind_of_the_story_reaches_somebody_in_documents_that_agree(every_world: World) -> None:
    titles = {}
    for kind in sorted(KINDS, key=happened):
        mails = leave(every_world, every_world.tell(kind))
        assert mails, kind
        for mail in mails:
            assert mail.archive is not None
            archive = pack.read_archive(mail.archive)
            assert archive.findings == ()
            assert {document.cda().body for document in archive.documents} == {mail.pdfs[0][1]}
            titles[kind] = archive.documents[0].entry.title
    assert len(set(titles.values())) == len(KINDS)
    assert every_world.gateway.store.verify().whole
