"""Experiment in, History out.

train (the one loop for both engines), problems (the arrays it trains on), history (every epoch of every learning rate),
recorder (a History while it fills), numpy_trainer (the gradient by hand; of a network: network_pass), torch_trainer
(the same by autograd, of what torch_objective writes), sharpness (the largest curvature, measured on the way), parity
(the two trainers compared)
"""
