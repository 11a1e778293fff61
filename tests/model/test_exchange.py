from __future__ import annotations

from gateway.model.exchange import BLOCKS_LANE, BY_A_PERSON, LEG_MOVES, PROOF, PROOF_FR, LegState, may_move


def test_the_table_is_the_one_the_house_agreed_on() -> None:
    agreed = {
        "waiting": "attempted held denied cancelled",
        "attempted": "arrived handed-over postponed failed unknown",
        "unknown": "attempted handed-over arrived delivered read refused failed held",
        "postponed": "attempted held denied cancelled failed",
        "held": "waiting cancelled",
        "handed-over": "delivered read refused failed unread",
        "delivered": "read refused failed unread",
        "unread": "delivered read refused failed",
        "read": "refused",
        "failed": "waiting delivered read refused",
        "refused": "waiting read",
        "denied": "",
        "arrived": "",
        "cancelled": "",
    }
    assert {str(state): {str(to) for to in moves} for state, moves in LEG_MOVES.items()} == {
        state: set(moves.split()) for state, moves in agreed.items()
    }


def test_every_state_says_what_it_does_not_prove() -> None:
    assert set(PROOF) == set(PROOF_FR) == set(LegState) == set(LEG_MOVES)
    assert all(not_proven for _, not_proven in PROOF.values())


def test_what_blocks_a_lane_is_what_is_still_on_its_way_out() -> None:
    assert {str(state) for state in BLOCKS_LANE} == {"waiting", "attempted", "unknown", "postponed"}


def test_what_only_a_person_may_ask_is_in_the_table() -> None:
    assert all(may_move(state, to) for state, to in BY_A_PERSON)
