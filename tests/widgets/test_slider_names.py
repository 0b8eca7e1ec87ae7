"""What is told to a slider; whether it listens is seen in a real browser, in tests/browser."""

from bs4 import BeautifulSoup

from labutils.widgets.slider_names import tell_slider


def test_any_name_is_told_whole_and_nothing_is_shown():
    name = """a "name" with 'quotes' & <b>"""
    soup = BeautifulSoup(tell_slider(name, base=10.0, digits=3), "html.parser")
    (picture,) = soup.find_all()
    assert picture.has_attr("hidden") and picture["alt"] == "" and soup.get_text() == ""
    told = r"""const picture = this, name = "a \"name\" with 'quotes' & <b>", base = 10.0, digits = 3;"""
    assert picture["onerror"].splitlines()[1] == told
