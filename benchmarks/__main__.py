"""The table of speed ratios. Both sides of a ratio are timed in this run and take turns; medians."""

from itertools import chain

from benchmarks import deck, growth, network, network_page, page, stage, sweep, training
from benchmarks.table import WIDTHS


def main() -> None:
    """Print each row as soon as it is measured."""
    headings = [title.ljust(width) for title, width in zip(("what", "goal", "measured"), WIDTHS, strict=True)]
    print("  ".join([*headings, "verdict"]))
    print("-" * (sum(WIDTHS) + 17))
    for row in chain(
        training.rows(),
        network.rows(),
        sweep.rows(),
        deck.rows(),
        page.rows(),
        network_page.rows(),
        stage.rows(),
        growth.rows(),
    ):
        print(row, flush=True)


if __name__ == "__main__":
    main()
