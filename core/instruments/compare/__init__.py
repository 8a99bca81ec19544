"""Learning rates of one line side by side.

scene (all that is drawn of one run, worked out once), ruler (200 rates beside theory)
"""
