"""Update rules, or schedules, each at its own best rate.

race (who needs how many epochs), charts (how it is drawn)
"""
