"""Rows as tables and as CSV."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from app.cli.csv_rows import write_csv
from app.cli.tables import cell_text, number_text, show_result, show_table
from app.errors import UserError
from app.model.answer import Definition
from app.model.result import Result, ResultColumn, Value
from app.model.types import DataType
from tests.support.pace import paces

RESULT = Result(
    (ResultColumn("country", DataType.TEXT), ResultColumn("revenue", DataType.DECIMAL), ResultColumn("share", DataType.FLOAT)),
    (("Österreich", None, "[red]x[/red]\x1b[2J"), (Decimal("1234567.80"), Decimal(0), None), (0.25, 1.0, 1234.5)),
)
CUT = Result((ResultColumn("a", DataType.TEXT), ResultColumn("b", DataType.DECIMAL)), (('x,"y"', None), (Decimal("1.50"), 2)), True)
EURO = Definition("revenue", "Revenue", "", "", "simple", unit="EUR", format="#,##0.00")
RATE = Definition("share", "Share", "", "", "ratio", unit="%", format="0.0%")


class Terminal:
    """Standard output of a terminal that wide."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_data_is_no_markup_and_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    show_result(RESULT)
    text = capsys.readouterr().out
    assert "1,234,567.80" in text
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    assert "1,234.5" in text


def test_numbers_stand_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    show_result(RESULT)
    rows = [line.split("│") for line in lines_of(capsys) if line.startswith("│")]
    assert [row[2] for row in rows] == [" 1,234,567.80 ", "            0 ", "         NULL "]
    assert rows[0][1].startswith(" Österreich ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (12345, "12,345"),
        (0.1 + 0.2, "0.3"),
        (0.00001234, "1.234e-05"),
        (-2.5, "-2.5"),
        (float("nan"), "nan"),
        (Decimal("1234.500"), "1,234.500"),
        (date(2026, 1, 1), "2026-01-01"),
        (datetime.fromisoformat("2026-01-01T09:30"), "2026-01-01 09:30:00"),
    ],
)
def test_a_value_has_one_spelling(value: Value, text: str) -> None:
    assert cell_text(value) == text


def test_numbers_are_written_as_their_metric_says() -> None:
    assert cell_text(Decimal("1234.5"), written=EURO) == "€1,234.50"
    assert cell_text(0.0441, written=RATE) == "4.4%"
    assert cell_text(0.0441, 3, RATE) == "4.410%"
    assert cell_text(None, written=RATE) == "NULL"
    assert cell_text(0.04413, written=Definition("m", "", "", "", "simple")) == "0.0441"


def test_moments_of_a_column_are_days_if_all_of_them_are(capsys: pytest.CaptureFixture[str]) -> None:
    midnight, later = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-01-02T08:00")
    moments = tuple(ResultColumn(name, DataType.TIMESTAMP) for name in ("day", "moment"))
    show_result(Result(moments, ((midnight, None), (midnight, later))))
    text = capsys.readouterr().out
    assert "│ 2026-01-01 │ 2026-01-01 00:00:00 │" in text


def test_no_letter_is_lost_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 60
    show_table(["name", "text"], [["a" * 100, long], ["b", "c"]])
    rows = [line for line in lines_of(capsys) if line.startswith("│")]
    assert len(rows) == 2
    assert long.strip() in rows[0]


def test_a_narrow_terminal_folds_texts_and_no_number(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Terminal(monkeypatch, 50)
    show_table(["name", "value"], [["x" * 60, "1,234,567,890.12"]], numeric={1})
    lines = lines_of(capsys)
    assert "1,234,567,890.12" in "\n".join(lines)
    assert max(map(len, lines)) <= 50
    assert "".join(line.split("│")[1].strip() for line in lines if line.startswith("│")) == "x" * 60
    assert "…" not in "".join(lines)


def test_a_terminal_that_is_far_too_narrow_gets_a_list_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal(monkeypatch, 40)
    head = [f"column_{number}" for number in range(12)]
    show_table(head, [[f"value [b]{number}" for number in range(12)]] * 2)
    lines = lines_of(capsys)
    assert lines[0].startswith("── row 1")
    assert lines[1] == "column_0   value [b]0"
    assert len(lines) == 26


def test_rows_that_were_cut_are_told_beside_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    show_result(CUT)
    printed = capsys.readouterr()
    assert "only the first 2 rows are shown" in printed.err
    assert "only the first" not in printed.out


def test_csv_holds_what_came_and_says_elsewhere_that_it_was_cut(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(CUT)
    printed = capsys.readouterr()
    assert printed.out == 'a,b\n"x,""y""",1.50\n,2\n'
    assert "only the first 2 rows" in printed.err


def test_csv_tells_null_from_an_empty_text(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Result((ResultColumn("t", DataType.TEXT), ResultColumn("b", DataType.BOOLEAN)), ((None, "", "a\nb"), (True, False, None))))
    assert capsys.readouterr().out == 't,b\n,true\n"",false\n"a\nb",\n'


def test_csv_goes_to_a_file_that_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_csv(RESULT, str(tmp_path / "rows.csv"))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"3 rows written to {tmp_path}/rows.csv\n"
    assert (tmp_path / "rows.csv").read_text().startswith("country,revenue,share\nÖsterreich,1234567.80,0.25\n")
    with pytest.raises(UserError) as raised:
        write_csv(RESULT, str(tmp_path / "none" / "rows.csv"))
    assert raised.value.problem.code == "DM1041"


def test_numbers_are_rounded_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    show_result(RESULT, decimals=0)
    shown = capsys.readouterr().out
    assert "1,234,568" in shown
    assert "1,234,567" not in shown
    write_csv(RESULT, decimals=1)
    assert capsys.readouterr().out.splitlines()[1] == "Österreich,1234567.8,0.2"
    write_csv(RESULT)
    assert capsys.readouterr().out.splitlines()[1] == "Österreich,1234567.80,0.25"
    assert number_text(3, 2) == "3"


def test_ten_thousand_rows_are_drawn_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    columns = tuple(ResultColumn(f"c{n}", DataType.DECIMAL if n % 2 else DataType.TEXT) for n in range(6))
    data = tuple(tuple(Decimal(row) if n % 2 else f"value {row}" for row in range(10_000)) for n in range(6))
    drawn = 0

    def draw() -> None:
        nonlocal drawn
        show_result(Result(columns, data))
        drawn += 1

    assert paces(draw, 300) <= 300
    assert len(lines_of(capsys)) == 10_004 * drawn


@pytest.mark.parametrize("width", range(12, 90, 7))
def test_a_table_that_is_drawn_fits_and_is_straight(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal(monkeypatch, width)
    show_table(["a", "text of two", "n"], [["x y" * 9, "日本語 " * 8, "12"], ["one\ntwo", "tab\there", "3"]], numeric={2})
    lines = lines_of(capsys)
    if lines[0].startswith("┏"):
        assert len({cell_len(line) for line in lines}) == 1
        assert cell_len(lines[0]) <= width
    text = "".join(letter for line in lines for letter in line if letter not in "│┃ ")
    assert text.count("日本語") == 8 or "".join(letter for letter in text if letter == "日") == "日" * 8


def test_a_missing_value_is_told_from_its_letters_by_colour(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    show_result(Result((ResultColumn("t", DataType.TEXT),), ((None, "NULL"),)))
    missing, letters = (line for line in lines_of(capsys) if line.startswith("│"))
    assert "\x1b[2;3mNULL\x1b[0m" in missing
    assert "\x1b" not in letters


def test_a_row_that_stands_for_many_says_so_in_its_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """For people; a value of the same letters is no total, and what is no item's grouping stays a column."""
    columns = [
        ("country", DataType.TEXT),
        ("country__grouping", DataType.TEXT),
        ("orders", DataType.INTEGER),
        ("odd__grouping", DataType.TEXT),
    ]
    values = (("(total)", None, None), ("value", "other", "total"), (1, 2, 3), ("x", "y", "z"))
    show_result(Result(tuple(ResultColumn(*column) for column in columns), values))
    told = capsys.readouterr().out
    assert "country__grouping" not in told
    assert "odd__grouping" in told
    assert [line.split("│")[1].strip() for line in told.splitlines() if line.startswith("│")] == ["(total)", "(other)", "(total)"]
