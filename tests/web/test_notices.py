"""What a software could not be told is shown to the admin, with what to do; the others are not bothered."""

from __future__ import annotations

from gateway.model.audit import Entry
from gateway.record import Notification, Reply
from tests.api.conftest import CLIENT, OURS, THEIRS, House
from tests.web.conftest import Browser, Enter
from tests.web.test_recipients import text


def untold(house: House, exchange: str, tenant: str = OURS) -> None:
    """A notification given up."""
    now = house.gateway.clock()
    notice = Notification(
        tenant=tenant, id=f"{exchange}-n", client=CLIENT, type="leg.state-changed", at=now, exchange=exchange, leg=1
    )
    with house.gateway.store.unit() as unit:
        unit.notices.add(notice, b"{}")
        unit.notices.tried(notice, "failed", 10, "HTTP 500", "")
        unit.audit(Entry(kind="notice-failed", at=now, tenant=tenant, actor="worker:test", exchange=exchange))


def test_the_first_page_counts_what_could_not_be_told_and_leads_to_it(
    house: House, admin: Browser, told: dict[str, str]
) -> None:
    untold(house, told["held"])
    page = admin.get("/destinataires").text
    assert "1 notification n'a pas pu être remise à un logiciel." in text(page)
    assert 'href="/notifications"' in page.split("<main", 1)[1]
    page = admin.get("/notifications").text
    for said in ("1 notification abandonnée", "Changement d'état d'un pli", "HTTP 500", "10 essais", CLIENT):
        assert said in text(page), said
    assert f'href="/echanges/{told["held"]}#pli-1"' in page


def test_another_tenants_are_not_shown(house: House, enter: Enter, told: dict[str, str]) -> None:
    untold(house, told["held"], THEIRS)
    assert "0 notification abandonnée" in text(enter("admin").get("/notifications").text)


def test_an_answer_that_could_not_leave_is_shown_with_what_to_do_and_no_patients_address(
    house: House, admin: Browser
) -> None:
    now = house.gateway.clock()
    with house.gateway.store.unit() as unit:
        for n, to in enumerate(("sophie@b.mssante.test", "279035121518989@patient.mssante.fr")):
            one = Reply(tenant=OURS, id=f"r-{n}", mail=f"m-{n}", mailbox="app@a.mssante.test", outcome="902", at=now)
            unit.replies.add(one)
            unit.replies.keep(one, to, b"a receipt")
            unit.replies.tried(one, "failed", 11, "550 5.7.1", "")
        unit.audit(Entry(kind="reply-tried", at=now, tenant=OURS, actor="worker:test"))
    page = text(admin.get("/notifications").text)
    for said in ("2 réponses abandonnées", "902, patient inconnu", "550 5.7.1", "sophie@b.mssante.test", "un patient"):
        assert said in page, said
    assert "279035121518989" not in page
