"""The compare page as a server runs it, without a browser."""

from pathlib import Path

from streamlit.testing.v1 import AppTest


def page(**query: list[str]) -> AppTest:
    app = AppTest.from_file(str(Path(__file__).parents[2] / "pages" / "frame.py"), default_timeout=30)
    for name, values in query.items():
        app.query_params[name] = values
    return app.run()


def test_the_first_screen_shows_the_articles_experiment_without_an_error():
    app = page()
    assert not app.exception
    text = " ".join(block.value for block in [*app.markdown, *app.caption])
    assert "15.9 million epochs" in text
    assert "overflowed at epoch 113" in text
    assert "0.08452" in text
