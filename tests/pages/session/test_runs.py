"""A run that takes too long to be kept for all sessions: its session keeps the last one, and shows no other."""

from core import Experiment, train
from core.experiment.cost import CACHED_SECONDS
from tests.pages.app import open_page, shown

LONG = Experiment(data="xor", hidden=(8, 8), learning_rates=(0.1,), epochs=15_000)


def test_another_long_run_is_shown_with_its_own_numbers():
    query = {name: words for name, words in LONG.to_query().items() if name != "v"}
    app = open_page("lab/network/page.py", **query)
    for seed in (LONG.seed, 1):
        app.number_input(key="seed").set_value(seed).run()
        assert not app.exception
        experiment = shown(app)
        assert (experiment.seed, experiment.epochs) == (seed, LONG.epochs)
        assert experiment.seconds() > CACHED_SECONDS
        final = float(train(experiment).loss[0, -1])
        assert repr(final) in " ".join(block.body for block in app.get("html"))
