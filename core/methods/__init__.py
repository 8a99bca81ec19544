"""What is stepped, and how.

optimizers (update rules from scratch), schedules (what the learning rate is multiplied by at each step), descent
(gradient descent on any gradient), network (a network of any depth: forward, loss and backward by hand),
network_hessian (the Hessian of its loss times a vector, by hand), wide_net (two layers on one point: the catapult)
"""
