"""What only a network has.

formulas (what it computes, in lines to be read), passes (the same, fast, many rates at once), measures (accuracy,
dead units), verdicts (what its run says), second_opinion (a verdict put to the test), explain (any weight's update
in its numbers), pictures (what it says of the data, as small pictures), diagram (its drawing, in few bytes), scene and
charts (all its page draws)
"""
