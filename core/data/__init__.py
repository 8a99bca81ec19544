"""What the models are fitted to, and the surfaces they are tried on.

datasets (data sets by name, uploads among them), made_data (points made from a seed), features (what a network may be
shown of a point), points (a small data set as text, in a link), surfaces (losses of two parameters, all known by hand)
"""
