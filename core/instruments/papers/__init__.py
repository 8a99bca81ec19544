"""Published results that the lab reruns: a card for each, with its recipe, its range and what was measured.

paper (what a card is), edge, flow, limits, steps, compared, width (the papers, by what they are about), gallery (all
of them)
"""
