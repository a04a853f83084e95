"""JSON, NDJSON and CSV: the same rows, chosen by Accept or by ?format=."""

import csv
import gzip
import io
import json

import pytest
import zstandard
from openpyxl import load_workbook
from pyarrow import parquet

from headoffice.web.tabular import as_csv
from tests.headoffice.kiosk_side import refused
from tests.headoffice.results.asking import client_of

PATHS = ("taps?limit=50", "visits?limit=20", "metrics?metric=csat&by=site,day", "tallies", "sites", "kiosks")


def name_of(path):
    name = path.partition("?")[0]
    return "rows" if name == "metrics" else name


@pytest.mark.parametrize("path", [*PATHS, "surveys", "completeness"])
def test_ndjson_has_the_rows_of_json(api, path):
    """NDJSON has each row of the JSON answer on a line of its own."""
    rows = api.get(f"/api/v1/{path}").json()[name_of(path)]
    answer = api.get(f"/api/v1/{path}", headers={"Accept": "application/x-ndjson"})

    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [{name: line[name] for name in row} for line, row in zip(lines, rows, strict=True)] == rows


@pytest.mark.parametrize("path", PATHS)
def test_csv_has_the_rows_of_json(api, path):
    """CSV has as many rows, and each plain field of JSON as a column with the same value."""
    rows = api.get(f"/api/v1/{path}").json()[name_of(path)]
    answer = api.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert float(line[name]) == value


def test_format_outranks_accept(api):
    """`?format=` decides, whatever Accept says."""
    answer = api.get("/api/v1/sites?format=csv", headers={"Accept": "application/json"})

    assert answer.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv;q=0.5, application/x-ndjson;q=0.9", "application/x-ndjson"),
        ("application/json;q=0, text/csv", "text/csv"),
        ("image/png, text/csv;q=oops", "text/csv"),
        ("", "application/json"),
    ],
)
def test_accept_is_weighed(api, accept, media_type):
    """The most wanted type that is offered is chosen, and none is needed at all."""
    answer = api.get("/api/v1/sites", headers={"Accept": accept} if accept else {})

    assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("path", [*PATHS, "surveys", "verbatims"])
def test_parquet_has_the_rows_of_json(api, path):
    """Parquet has the same rows, with numbers and switches of their own types."""
    rows = api.get(f"/api/v1/{path}").json()[name_of(path)]
    answer = api.get(f"/api/v1/{path}", headers={"Accept": "application/vnd.apache.parquet"})

    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    lines = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        for name, value in row.items():
            if isinstance(value, bool | int | float):
                assert line[name] == (json.dumps(value) if name == "answer" else value), name


def test_a_workbook_has_the_rows_and_no_formula(api):
    """XLSX has the same rows; what begins like a formula is text, in cells and headers."""
    answer = api.get("/api/v1/sites?format=xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert answer.headers["content-disposition"] == 'attachment; filename="sites.xlsx"'
    assert cells[0][:3] == ["site", "name", "timezone"]
    assert "'=HYPERLINK(1)" in [row[1] for row in cells]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_without_pyarrow_parquet_is_refused_with_the_mend(api, monkeypatch):
    """Where the extra is not installed, asking for Parquet says so, by either way of asking."""
    monkeypatch.setattr("headoffice.web.negotiate.find_spec", lambda _name: None)
    for answer in (
        api.get("/api/v1/sites?format=parquet"),
        api.get("/api/v1/sites", headers={"Accept": "application/vnd.apache.parquet"}),
    ):
        told = refused(answer, 406, "not_acceptable")
        assert told["formats"] == ["json", "ndjson", "csv", "xlsx"]
    assert "egao[parquet]" in api.get("/api/v1/sites?format=parquet").text


@pytest.mark.parametrize("name", ["taps", "visits"])
def test_everything_comes_as_one_stream(api, name):
    """`limit=all` gives in every format what the pages give together."""
    wanted, after = [], ""
    while True:
        page = api.get(f"/api/v1/{name}", params={"after": after, "limit": 5000}).json()
        wanted += page[name]
        if not page["more"]:
            break
        after = page["next"]
    assert api.get(f"/api/v1/{name}?limit=all").json() == {name: wanted}
    lines = api.get(f"/api/v1/{name}?limit=all&format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == wanted
    for form, read in (("csv", read_csv), ("parquet", read_parquet), ("xlsx", read_xlsx)):
        ids = read(api.get(f"/api/v1/{name}?limit=all&format={form}").content, "visit")
        assert ids == [row["visit"] for row in wanted], form


def read_csv(content, column):
    return [row[column] for row in csv.DictReader(io.StringIO(content.decode()))]


def read_parquet(content, column):
    return parquet.read_table(io.BytesIO(content))[column].to_pylist()


def read_xlsx(content, column):
    head, *rows = load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(values_only=True)
    return [row[head.index(column)] for row in rows]


@pytest.mark.parametrize("packing", ["zstd", "gzip", "identity", "gzip;q=0, br"])
@pytest.mark.parametrize("query", ["limit=9", "limit=all"])
def test_answers_are_packed_as_they_are_taken(api, packing, query):
    """Zstd or gzip where the other side takes it, page or stream, and the same rows inside."""
    with api.stream("GET", f"/api/v1/taps?{query}", headers={"Accept-Encoding": packing}) as answer:
        raw = b"".join(answer.iter_raw())
        used = answer.headers.get("content-encoding", "")
    assert used == (packing if packing in {"zstd", "gzip"} else "")
    unpack = {"zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress(raw)}
    unpack |= {"gzip": lambda: gzip.decompress(raw), "": lambda: raw}
    plain = api.get(f"/api/v1/taps?{query}", headers={"Accept-Encoding": "identity"})
    assert json.loads(unpack[used]()) == plain.json()


def test_excel_in_japan_reads_the_csv(api):
    """With `bom=true` CSV begins with the mark of UTF-8, and only then."""
    assert api.get("/api/v1/sites?format=csv&bom=true").content.startswith(b"\xef\xbb\xbfsite,")
    assert api.get("/api/v1/sites?format=csv").content.startswith(b"site,")
    refused(api.get("/api/v1/sites?format=csv&bom=yes"), 400, "invalid")


def test_an_aggregate_is_sent_once(api):
    """Who has a metric already gets 304 by its ETag, and a new answer when it differs."""
    path = "/api/v1/metrics?metric=csat&by=site"
    first = api.get(path)
    again = api.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert api.get(path + ",day", headers={"If-None-Match": first.headers["etag"]}).status_code == 200
    assert api.get("/api/v1/tallies").headers["etag"]


def test_an_unknown_format_is_a_fault(api):
    """A mistyped format is a fault with what was meant."""
    told = refused(api.get("/api/v1/sites?format=jsonn"), 400, "invalid")

    assert told["faults"][0]["place"] == "format"
    assert 'did you mean "json"?' in told["faults"][0]["message"]


def test_no_cell_is_a_formula(api):
    """A site's name and a shopper's words that begin like a formula are defused, and only those."""
    sites = list(csv.DictReader(io.StringIO(api.get("/api/v1/sites?format=csv").text)))
    assert "'=HYPERLINK(1)" in [site["name"] for site in sites]
    assert "渋谷店" in [site["name"] for site in sites]

    taps = list(csv.DictReader(io.StringIO(api.get("/api/v1/taps?format=csv&limit=10000").text)))
    words = {tap["answer"] for tap in taps if tap["question"] == "words"}
    assert "'=cmd()" in words
    assert not any(cell[:1] in "=+-@\t\r" for tap in taps for cell in tap.values() if cell)


def test_headers_are_defused_and_numbers_are_not():
    """A column whose name begins like a formula is defused; a negative number stays a number."""
    written = as_csv([{"=a": -5, "+b": "-5", "c": None, "d": True, "e": ["=x"]}], ["c"])

    assert written == 'c,\'=a,\'+b,d,e\r\n,-5,\'-5,true,"[""=x""]"\r\n'


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_every_beginning_of_a_formula(text):
    """Each sign that a spreadsheet takes for a formula's start is defused."""
    assert as_csv([{"a": text}], ["a"]).splitlines()[1].strip('"').startswith("'")


def test_metrics_rows_explain_themselves(api):
    """Where there is no object around the rows, each says which metric, definition and filter it is of."""
    lines = list(csv.DictReader(io.StringIO(api.get("/api/v1/metrics?metric=ces&by=site&format=csv").text)))

    assert {line["definition"] for line in lines} == {"ces/1"}
    assert {line["filter"] for line in lines} == {"v1"}
    assert float(lines[0]["easy.value"]) <= 1
    assert list(lines[0])[:4] == ["metric", "definition", "filter", "site"]


def test_an_empty_csv_still_has_its_header(small):
    """Without a row CSV has its columns, so that an import does not fail on the first day."""
    with client_of(small, "admin") as client:
        assert client.get("/api/v1/taps?format=csv").text.startswith("ledger,seq,visit,kiosk,site,touchpoint")
        assert client.get("/api/v1/taps?format=ndjson").text == ""
