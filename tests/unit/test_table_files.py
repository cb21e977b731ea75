import csv
import io

import pytest

from bsm_core.report.markdown import escaped, yaml_text
from bsm_core.report.table import Head, Table, table
from bsm_core.report.table_files import latex, plain_cell, safe_cell, table_csv, table_latex

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'quoted'", "harmless", "")


def some_table(cell: str = "100% & more_less") -> Table:
    heads = (Head("Arm"), Head("p", "after Holm"), Head("Why", text=True))
    return table(
        "effects", "Every test", "A note: 5%.", heads, [(("One", "0.5", cell), {"arm": cell, "p": -0.5, "x": None})]
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_and_every_text_comes_back(text: str) -> None:
    body = table_csv(some_table(text))
    (row,) = csv.DictReader(io.StringIO(body, newline=""))
    assert not row["arm"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert plain_cell(row["arm"]) == text


def test_numbers_stay_numbers_also_negative_ones() -> None:
    (row,) = csv.DictReader(io.StringIO(table_csv(some_table())))
    assert row["p"] == "-0.5"
    assert row["x"] == ""
    assert safe_cell(-1) == -1


def test_csv_without_rows_has_a_header() -> None:
    assert table_csv(Table("empty", "", "", (), (), ())) == "empty\r\n"


def test_latex_escapes_everything_that_means_something() -> None:
    assert latex(r"50% of $x_1$ & {y} #2 ~ ^ \input{/etc/passwd}") == (
        r"50\% of \$x\_1\$ \& \{y\} \#2 \textasciitilde{} \textasciicircum{} \textbackslash{}input\{/etc/passwd\}"
    )
    assert latex("two\nlines\u202e") == r"two lines$\langle$U+202E$\rangle$"


def test_latex_table_is_one_in_booktabs_style() -> None:
    body = table_latex(some_table("\\end{tabular} & \\write18"))
    assert body.count("\\end{tabular}") == 1
    for rule in ("\\toprule", "\\midrule", "\\bottomrule", "\\caption{Every test. A note: 5\\%.}", "{lrp{5cm}}"):
        assert rule in body
    lines = [line for line in body.splitlines() if line.endswith("\\\\")]
    assert [line.replace("\\&", "").count("&") for line in lines] == [2, 2, 2]


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="3 columns and a row of 1"):
        Table("odd", "", "", (Head("a"), Head("b"), Head("c")), (("only",),), ())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("![x](http://evil.test/a.png)", r"\!\[x\]\(http\://evil.test/a.png\)"),
        ("<script>&amp;", r"\<script\>\&amp;"),
        ("a\n\n> b | c", r"a \> b \| c"),
        ("www.evil.test", r"www\.evil.test"),
    ],
)
def test_markdown_takes_no_text_as_markup(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_yaml_text_cannot_leave_its_line() -> None:
    assert yaml_text('a"\n---\nlicense: x') == '"a\\"\\n---\\nlicense: x"'
