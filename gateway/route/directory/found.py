"""What a directory answers: mailboxes, best first, each with the reason it fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from gateway.model.identity import MailAddress
from gateway.route.addressee import Addressee
from gateway.route.choice import Choice
from gateway.route.grammar import MailboxType

PERSONAL: frozenset[MailboxType | None] = frozenset({"PER", "CAB"})
"""Mailboxes one person bears."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Found:
    """One mailbox.

    type          PER, ORG, APP, CAB; None when the sender or the route gave the address
    organization  the structure it belongs to, as a prefixed national identifier; None when not told
    paperless     the bearer wants no paper copy beside it (dématérialisation); None when not told
    name          of its bearer, as the directory writes it; empty when not told
    """

    address: MailAddress
    type: MailboxType | None
    because: str
    organization: str | None = None
    paperless: bool | None = None
    name: str = ""

    def names(self, choice: Choice) -> Choice:
        """The choice, its addressee called by the directory's name when they are known by a number alone."""
        whom = choice.addressee
        own = (self.type in PERSONAL) == (whom.kind == "professional")  # a structure's mailbox names no person
        if whom.name != whom.id or not self.name or not own:
            return choice
        return replace(choice, addressee=replace(whom, name=self.name))

    def __repr__(self) -> str:
        return f"Found({self.type}, {self.because})"  # a patient's address holds the matricule


class Directory(Protocol):
    """Where mailboxes are looked up. An implementation is safe to ask from several threads."""

    def find(self, choice: Choice) -> tuple[Found, ...]:
        """The mailboxes that may be written to for that choice, best first; empty when none is sure."""
        ...

    def known(self, whom: Addressee) -> tuple[Found, ...]:
        """Every mailbox of theirs and of the sites meant, for a person to pick from."""
        ...


def given(choice: Choice) -> tuple[Found, ...]:
    """The mailbox that needs no directory: the patient's own, or one that the sender or a route gave."""
    address = choice.addressee.address
    if address is None:
        return ()
    because = "built from the qualified INS" if choice.addressee.kind == "patient" else "given with the recipient"
    return (Found(address=address, type=None, because=because),)


class Unlisted:
    """The directory of a gateway that has none: only mailboxes already given are found."""

    def find(self, choice: Choice) -> tuple[Found, ...]:
        """See `Directory`."""
        return given(choice)

    def known(self, whom: Addressee) -> tuple[Found, ...]:
        """None."""
        return ()
