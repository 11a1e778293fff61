"""Every table, once, for both engines. Each row starts with its tenant, and so does each key people's data is under.

Exceptions, each on purpose: `place` and `jobs.id` order rows across tenants; a Message-ID, the secret of an API key or
of a session are what a tenant is found *by*; the audit tree is one for the whole gateway.
The migrations must make exactly this (a test compares them on both engines).
"""

from __future__ import annotations

from gateway.record.schema.doors import credentials, sessions
from gateway.record.schema.journeys import (
    BLOCKING,
    LEASED,
    MAY_BE_TRIED,
    UNANSWERED,
    answers,
    attempts,
    exchanges,
    jobs,
    legs,
)
from gateway.record.schema.mail import UNREAD, inbox, mails, notices, replies
from gateway.record.schema.metadata import REVISION, metadata
from gateway.record.schema.patients import aliases, known, objections
from gateway.record.schema.tree import cursors, entries, nodes, tree
from gateway.record.schema.vault import UNCLAIMED, contents, upload_chunks, uploads, vault_keys

__all__ = [
    "BLOCKING",
    "LEASED",
    "MAY_BE_TRIED",
    "REVISION",
    "UNANSWERED",
    "UNCLAIMED",
    "UNREAD",
    "aliases",
    "answers",
    "attempts",
    "contents",
    "credentials",
    "cursors",
    "entries",
    "exchanges",
    "inbox",
    "jobs",
    "known",
    "legs",
    "mails",
    "metadata",
    "nodes",
    "notices",
    "objections",
    "replies",
    "sessions",
    "tree",
    "upload_chunks",
    "uploads",
    "vault_keys",
]
