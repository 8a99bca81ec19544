"""The lanes of a run as its charts get them: the gauge's peak is the largest reading, however a curve is thinned."""

from __future__ import annotations

import numpy as np
import pytest

from core import Experiment, History, train
from core.drawing.frames import loss_axis
from core.drawing.lanes import lanes

LONG = {
    "full batch": Experiment(learning_rates=(0.01, 0.0844), epochs=20_000),
    "mini-batches": Experiment(data="noisy-line", batch_size=4, learning_rates=(0.01, 0.03, 0.05), epochs=3_000),
    "overflows": Experiment(learning_rates=(1.0,), epochs=500),
}


@pytest.fixture(params=LONG)
def history(request: pytest.FixtureRequest) -> History:
    return train(LONG[request.param])


def test_the_largest_reading_is_in_the_gauges_table_at_its_epoch(history: History) -> None:
    for lane, meter in zip(lanes(history, loss_axis(history)), history.meter, strict=True):
        readable = np.where(np.isfinite(meter), meter, -np.inf)
        table = lane.meter.to_pandas()
        assert table["meter"].max() == pytest.approx(readable.max(), rel=1e-6) == lane.largest
        at = int(table["epoch"][table["meter"].argmax()])
        assert readable[max(at, 1) - 1] == pytest.approx(readable.max(), rel=1e-6)
        assert table["epoch"].is_monotonic_increasing and table["epoch"].is_unique
