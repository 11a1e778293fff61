"""route: who gets an event, where, by which channel and by which right.

Routes.choose says who (and who not, and why); a Directory finds their mailbox, Endpoints the software of their own;
case_of puts down what the law looks at; judge decides: permit, hold or deny.
"""

from __future__ import annotations

from gateway.route.addressee import Addressee
from gateway.route.case import Case, case_from, case_of, case_tree, takes_part
from gateway.route.choice import Choice, Choices, NotAddressed
from gateway.route.decision import Decision, Verdict
from gateway.route.directory import (
    BY_ENDPOINT,
    BadExtraction,
    BadWhiteList,
    Directory,
    Endpoint,
    EndpointKind,
    Endpoints,
    Extraction,
    Found,
    Unlisted,
    WhiteList,
)
from gateway.route.gate import NO_ENDPOINTS, judge
from gateway.route.receiver import Receiver, choice_of, receiver_of
from gateway.route.routes import Routes
from gateway.route.table import BadRoutes, RouteFault

__all__ = [
    "BY_ENDPOINT",
    "NO_ENDPOINTS",
    "Addressee",
    "BadExtraction",
    "BadRoutes",
    "BadWhiteList",
    "Case",
    "Choice",
    "Choices",
    "Decision",
    "Directory",
    "Endpoint",
    "EndpointKind",
    "Endpoints",
    "Extraction",
    "Found",
    "NotAddressed",
    "Receiver",
    "RouteFault",
    "Routes",
    "Unlisted",
    "Verdict",
    "WhiteList",
    "case_from",
    "case_of",
    "case_tree",
    "choice_of",
    "judge",
    "receiver_of",
    "takes_part",
]
