"""How the boundary of a region is measured, against regions whose dimension is known."""

import numpy as np
import pytest

from core.instruments.papers.compared import box_dimension

ROWS, COLUMNS = np.indices((128, 128))


@pytest.mark.parametrize(
    "inside", [np.hypot(ROWS - 60, COLUMNS - 70) < 50, ROWS > 64, ROWS > COLUMNS, ROWS > 0.3 * COLUMNS + 20]
)
def test_a_smooth_boundary_has_dimension_1(inside):
    assert box_dimension(inside)[0] == pytest.approx(1, abs=0.1)


def test_a_boundary_that_is_everywhere_has_dimension_2():
    assert box_dimension((ROWS + COLUMNS) % 2 == 0)[0] == pytest.approx(2, abs=0.05)


def test_a_sierpinski_carpet_lies_between_at_its_own_dimension():
    # Pascal's triangle modulo 2, log 3 / log 2 = 1.585.
    triangle = (ROWS & COLUMNS) == 0
    assert box_dimension(triangle)[0] == pytest.approx(np.log(3) / np.log(2), abs=0.12)
