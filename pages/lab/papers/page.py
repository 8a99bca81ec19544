"""Papers: published results as cards, each of which runs here, beside where its numbers should lie."""

import streamlit as st

from core.instruments.papers.gallery import PAPERS, cells, conclusion, measured, parts, rows, seeds_of
from core.instruments.papers.paper import Measured, Paper
from core.words import many
from pages.lecture import share
from pages.session import lecture_words, link, runs
from pages.session.link_words import WORDS
from pages.widgets import cards
from pages.widgets.rows import rows as table

FIELD = WORDS["paper"].field
RUN = "papers-to-run"


def chosen() -> str:
    """The paper that the link names; "" for all of them. One that is not here is told."""
    name, repairs = FIELD.read(st.query_params.get_all(FIELD.name) or FIELD.write(FIELD.default))
    if repairs:
        st.warning("This link names a paper that is not here; here are all of them.", icon=":material/info:")
    return str(name)


def source(paper: Paper) -> str:
    """Who claimed it, with the paper's address on arXiv where it has one."""
    if not paper.arxiv:
        return paper.source
    return f"{paper.source}, [arXiv {paper.arxiv}](https://arxiv.org/abs/{paper.arxiv})"


def to(name: str, label: str, icon: str) -> None:
    """A link to a paper of the gallery, or to all."""
    words = ({FIELD.name: name} if name else {}) | lecture_words.words()
    st.page_link(st.session_state.page, label=label, icon=icon, query_params=words, width="content")


def gallery() -> None:
    """A card for each paper, by subject; last those that do not reproduce."""
    share.heading(
        "## Papers\nPublished results about learning rates. Each of them **runs here**, on a small problem: read what "
        "it claims, run it, and see whether its numbers lie where they should."
    )
    for heading, papers in parts().items():
        st.markdown(f"### {heading}")
        with st.grid(3, min_column_width=290, gap="medium"):
            for name, paper in papers.items():
                with st.container(border=True, height="stretch"):
                    st.markdown(f"#### {paper.title}\n{paper.claim}")
                    st.caption(source(paper))
                    to(name, "Run it" if paper.reproduced else "See what came out", ":material/arrow_forward:")


def run(name: str, paper: Paper) -> Measured:
    """Run it for its seeds, the table filling in; what the first of them gave."""
    seeds = seeds_of(paper)
    filling = st.empty()

    def so_far(done: list[Measured]) -> None:
        with filling.container():
            table(cells(rows(paper, done)), "What was measured so far")

    asked, costs = [(name, seed) for seed in seeds], [paper.seconds] * len(seeds)
    done = runs.one_by_one(measured, asked, costs, many(len(seeds), "run"), so_far)
    found = rows(paper, done)
    with filling.container():
        st.markdown(conclusion(paper, found))
        table(cells(found), "What was measured")
        if paper.chance:
            st.caption(f"Measured from seeds {', '.join(map(str, seeds))}; drawn: seed {seeds[0]}.")
    return done[0]


def ways(name: str, paper: Paper) -> set[str]:
    """The button that runs it, and the ways to its page and to all papers; which papers were asked for."""
    to_run: set[str] = st.session_state.setdefault(RUN, set())
    with st.container(horizontal=True, vertical_alignment="center"):
        seconds = paper.seconds * len(seeds_of(paper))
        words = f"Run it: {many(len(seeds_of(paper)), 'run')}" + f", about {seconds:.0f} s" * (seconds >= 1)
        st.button(words, icon=":material/play_arrow:", type="primary", on_click=to_run.add, args=(name,))
        page = next(page for page in st.session_state.pages if (page.url_path or "compare") == paper.page)
        asked = link.to(paper.experiment) if paper.experiment else lecture_words.words()
        st.page_link(page, label=f"Open in {page.title}", icon=":material/science:", query_params=asked)
        to("", "All papers", ":material/arrow_back:")
    return to_run


def one(name: str, paper: Paper) -> None:
    """A paper in full: its claim, the recipe, what it gives here, and the page it belongs to."""
    share.heading(f"## {paper.title}\n{paper.claim}")
    st.caption(source(paper))
    with st.grid(2, min_column_width=420, gap="large"):
        with st.container():
            st.markdown(f"**Here.** {paper.recipe}\n\n**The difference.** {paper.differs}")
            first = run(name, paper) if name in ways(name, paper) else None
        with st.container():
            for which, drawn in enumerate(first.pictures if first else ()):
                cards.picture(drawn, f"{name}-{which}")


if name := chosen():
    one(name, PAPERS[name])
else:
    gallery()
