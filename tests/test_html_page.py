"""Pages that stand alone."""

from matplotlib.figure import Figure

from labutils.html_page import picture, plain_table, scrolling, whole_page


def test_text_is_escaped_and_html_is_kept():
    page = whole_page("<a> & b", "<p>intro</p>", "<section>body</section>")
    assert "<title>&lt;a&gt; &amp; b</title>" in page
    assert "<p>intro</p>" in page and "<section>body</section>" in page


def test_a_picture_is_inside_and_says_what_it_shows():
    shown = picture(Figure(), 'a "curve"')
    assert 'alt="a &quot;curve&quot;"' in shown and 'src="data:image/png;base64,' in shown


def test_a_table_names_its_columns_and_rows_and_scrolls_by_itself():
    table = plain_table("Scores", ("task", "right"), [("task <1>", 0.5)])
    assert '<th scope="row">task &lt;1&gt;</th><td>0.5</td>' in table
    assert table.startswith(scrolling("").removesuffix("</div>"))
