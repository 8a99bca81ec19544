"""One network at several learning rates.

scene and charts (all its page draws), pictures (what it says of the data, as small pictures), diagram (its drawing, in
few bytes), explain (any weight's update in its numbers), events (what happens on the way), second_opinion (a verdict
put to the test)
"""
