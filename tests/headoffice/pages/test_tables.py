"""What pages write for thousands of cells is what the slower ways would have written."""

from itertools import combinations

import pytest

from headoffice.store.results import Asked
from headoffice.web.charts.chart import Table, cell
from headoffice.web.frame.filters import Choice, Menu
from headoffice.work.columns import COLUMNS, tally_keys, values, values_of

NASTY = """<img src=x onerror="alert('1')">&"""
CLEAN = "&lt;img src=x onerror=&quot;alert(&#x27;1&#x27;)&quot;&gt;&amp;"
ASKED = Asked(
    id=1, version="v1", survey="checkout", question="rating", type="faces", metric="csat", base=0, slots=3
)
TALLIED = {"site": 7, "touchpoint": "till", "kiosk": 3, "language": "ja", "hour": 9, "day": "2026-11-21"}


def test_every_cell_of_a_table_is_escaped():
    """Neither a name nor its address nor any other cell of a chart's table can write HTML."""
    body = Table(columns=(), rows=((cell(NASTY, href=NASTY), cell(1, NASTY)), (cell("a"), cell(2)))).body

    assert body == (
        f'<tr><th scope="row"><a href="{CLEAN}">{CLEAN}</a></th><td>{CLEAN}</td></tr>\n'
        '<tr><th scope="row">a</th><td>2</td></tr>'
    )


def test_every_choice_of_a_menu_is_escaped():
    """Neither the value nor the label of a choice can write HTML."""
    choices = (Choice(value=NASTY, label=NASTY, chosen=True), Choice(value="b", label="B", chosen=False))
    menu = Menu(name="site", label="Site", all="", choices=choices)

    assert menu.options == (f'<option value="{CLEAN}" selected>{CLEAN}</option><option value="b">B</option>')


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_groups_have_the_same_values_whichever_way_they_are_made(size):
    """The quick way from a tally to the values of its columns gives what the slow one gives, for any."""
    for columns in combinations(COLUMNS, size):
        keys = tally_keys(columns)
        key = tuple(TALLIED[name] for name in keys)

        assert values_of(columns, keys)(ASKED, key) == values(
            columns, ASKED, dict(zip(keys, key, strict=True))
        )
