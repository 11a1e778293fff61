"""journey: the staircase. accept → prepare → send, then collect → settle; steer when a person decides.

One step = one claim, one act, one commit. Import a step from its own module: it loads nothing it does not use.
"""
