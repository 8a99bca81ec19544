"""The central flow below the edge is gradient flow, which SciPy integrates; at the edge it holds the sharpness."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from core.instruments.papers.flow import Moons, central_flow, greedy_losses


def test_below_the_edge_the_flow_is_the_gradient_flow_that_scipy_integrates():
    moons, rate, steps = Moons.of(0), 0.02, 60
    losses, turns = central_flow(moons, rate, steps)
    assert turns.max() < 2
    way = solve_ivp(
        lambda _, at: -rate * moons.gradient(at[None])[0],
        (0, steps),
        moons.start[0],
        t_eval=np.arange(steps + 1.0),
        rtol=1e-8,
    ).y.T
    assert losses == pytest.approx([moons.loss(at[None]) for at in way], rel=1e-2)


def test_at_the_edge_the_sharpness_stays_where_it_is():
    _, turns = central_flow(Moons.of(1), 0.3, 200)
    assert turns[0] > 2.2, "its start is too sharp, and is led back"
    assert turns[10:] == pytest.approx(np.full(191, 2.0), abs=0.15)


def test_the_greedy_rate_is_the_best_straight_downhill():
    # On what the loss is like near the start: no other rate along the gradient ends lower, to the second order.
    moons = Moons.of(0)
    gradient = moons.gradient(moons.start)
    rate = float((gradient**2).sum() / abs(float((gradient * moons.hessian(moons.start)(gradient)).sum())))
    assert greedy_losses(moons, 1.0, 1)[1] == pytest.approx(moons.loss(moons.start - rate * gradient), rel=1e-12)

    def by_curvature(step):
        return float(
            -step * (gradient**2).sum() + step**2 / 2 * (gradient * moons.hessian(moons.start)(gradient)).sum()
        )

    assert all(by_curvature(rate) <= by_curvature(times * rate) for times in (0.9, 1.1))
