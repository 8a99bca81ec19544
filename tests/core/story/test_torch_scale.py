"""The live timing: which networks are timed. How long they take is the machine's affair and no test's."""

from __future__ import annotations

import pytest
import torch

from core.story.torch_scale import fastest, network, timing
from core.story.without_gradients import EXAMPLES, HIDDEN, parameters_of
from tests.cases import for_each


@for_each("hidden", [*HIDDEN[:6], 1, 50])
def test_a_network_has_exactly_the_parameters_it_is_said_to_have(hidden):
    assert sum(each.numel() for each in network(hidden).parameters()) == parameters_of(hidden)


@pytest.mark.parametrize("hidden", HIDDEN[:5])
def test_a_timing_is_positive_and_of_that_network(hidden):
    timed = timing(hidden, 0)
    assert (timed.hidden, timed.parameters) == (hidden, parameters_of(hidden))
    assert timed.step > 0
    assert timed.evaluation > 0
    assert timed.threads == torch.get_num_threads()


def test_what_is_timed_runs_once_to_warm_up_and_a_few_times_more():
    ran = []
    assert fastest(lambda: ran.append(1)) >= 0
    assert 4 <= len(ran) <= 51


def test_a_network_takes_a_batch_and_gives_a_number_for_each_example():
    assert network(4)(torch.zeros(EXAMPLES, 1)).shape == (EXAMPLES, 1)


def test_units_can_change_places_and_signs_without_changing_what_a_network_computes():
    model, x = network(3), torch.linspace(-1, 1, 7)[:, None]
    before = model(x).detach()
    order, signs = [2, 0, 1], torch.tensor([1.0, -1.0, -1.0])
    with torch.no_grad():
        first, second = model[0], model[2]
        first.weight.copy_(first.weight[order] * signs[:, None])
        first.bias.copy_(first.bias[order] * signs)
        second.weight.copy_(second.weight[:, order] * signs)
    assert torch.allclose(model(x), before, atol=1e-6)
