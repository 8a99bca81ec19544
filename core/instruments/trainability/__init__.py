"""One small network at every pair of two learning rates.

trainability (the map itself), pictures and charts (how it is drawn)
"""
