"""The learning-rate range test, put on trial.

rules (what seven tools read off it), trial (their answers really trained), scene and charts (how that is drawn)
"""
