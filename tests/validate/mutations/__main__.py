"""Break everything there is to break, in every French profile: `python -m tests.validate.mutations [WORD]`."""

from __future__ import annotations

import sys

from tests.validate.mutations.test_mutations import GUIDES, broken, passed, profiles

made = wrong = 0
for profile in (one for guide in GUIDES for one in profiles(guide) if all(word in one for word in sys.argv[1:])):
    mutants = broken(profile, 0)
    if mutants is None:
        print(f"{profile}: no right instance")
        continue
    unseen, elsewhere = passed(profile, mutants)
    made, wrong = made + len(mutants), wrong + len(unseen) + len(elsewhere)
    for line in (*unseen, *elsewhere):
        print(f"{profile.rpartition('/')[2]}: {line}")
print(f"{made - wrong} of {made} refused at their place")
