"""Learning rates found anew at every step.

rules (exact steps, line searches, Barzilai and Borwein), scene and charts (how they compare)
"""
