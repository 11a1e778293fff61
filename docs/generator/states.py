"""states.md: the two tables of allowed changes, and the pictures drawn from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from docs.generator.table import table
from gateway.model.exchange import (
    BLOCKS_LANE,
    BY_A_PERSON,
    EXCHANGE_MOVES,
    LEG_MOVES,
    OPEN,
    PROOF,
    PROOF_FR,
    ExchangeState,
    LegState,
)

Move = tuple[StrEnum, StrEnum]
S = TypeVar("S", bound=StrEnum)


def states() -> str:
    """The page."""
    legs = [(state, to) for state, follow in LEG_MOVES.items() for to in _in_order(follow)]
    exchanges = [(state, to) for state, follow in EXCHANGE_MOVES.items() for to in _in_order(follow)]
    people = {(state, to) for state, to in exchanges if to is ExchangeState.ACCEPTED}
    rows = (
        (
            f"`{state}`",
            _follow(LEG_MOVES, state),
            *PROOF[state],
            *PROOF_FR[state],
            "yes" if state in BLOCKS_LANE else "",
        )
        for state in LegState
    )
    return "\n".join(
        (
            "# States\n",
            "An **exchange** is one accepted event; a **leg** is one recipient by one channel. Nothing changes state "
            "outside these tables: the store refuses it. Dashed: a person asks for it (retry, release).\n",
            "## Exchange\n",
            picture(exchanges, people),
            table(("State", "May become"), ((f"`{state}`", _follow(EXCHANGE_MOVES, state)) for state in ExchangeState)),
            "## Leg, while it is ours\n",
            picture([(state, to) for state, to in legs if state in OPEN], BY_A_PERSON),
            "## Leg, once it has left, or never will\n",
            picture([(state, to) for state, to in legs if state not in OPEN], BY_A_PERSON),
            "## What each state of a leg proves\n",
            table(
                ("State", "May become", "Proves", "Does not prove", "Prouve", "Ne prouve pas", "Later parcels wait"),
                rows,
            ),
        )
    )


def picture(moves: Iterable[Move], by_a_person: Iterable[Move]) -> str:
    """Moves as a Mermaid flowchart; what only a person asks for is dashed."""
    moves, by_a_person = list(moves), set(by_a_person)
    names = _in_order({state for move in moves for state in move})
    lines = ["```mermaid", "flowchart LR", *(f'  {_id(state)}(["{state}"])' for state in names)]
    lines += [f"  {_id(one)} {'-.->' if (one, to) in by_a_person else '-->'} {_id(to)}" for one, to in moves]
    return "\n".join((*lines, "```\n"))


def _follow(
    moves: Mapping[LegState, frozenset[LegState]] | Mapping[ExchangeState, frozenset[ExchangeState]], state: StrEnum
) -> str:
    return " ".join(f"`{to}`" for to in _in_order(moves[state])) or "–"  # type: ignore[index]


def _in_order(states: Iterable[S]) -> list[S]:
    """As the model lists them."""
    return sorted(states, key=lambda state: list(type(state).__members__).index(state.name))


def _id(state: StrEnum) -> str:
    return state.value.replace("-", "_") + "_"  # `end` and the like are words of Mermaid
