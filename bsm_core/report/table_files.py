"""Tables as CSV for spreadsheets and machines, and as LaTeX for papers."""

from __future__ import annotations

import csv
import io
import re

from bsm_core.legible import visible
from bsm_core.report.table import Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "−": r"$-$",
    "–": "--",
    "≈": r"$\approx$",
    "…": r"\ldots{}",
    "“": "``",
    "”": "''",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
}
_MATCH = re.compile("|".join(map(re.escape, _LATEX)))


def safe_cell(value: object) -> object:
    """A text that a spreadsheet might run as a formula begins with an apostrophe. So does one that begins with an
    apostrophe, so that taking one away always gives the text back. Numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def plain_cell(cell: str) -> str:
    """What ``safe_cell`` was given."""
    return cell.removeprefix("'")


def table_csv(table: Table) -> str:
    """With a header; None is empty. Records are unrounded."""
    body = io.StringIO(newline="")
    writer = csv.DictWriter(body, table.names or [table.key], restval="")
    writer.writeheader()
    for record in table.records:
        writer.writerow({name: safe_cell(value) for name, value in record.items()})
    return body.getvalue()


def latex(text: str) -> str:
    """Escaped for running text; invisible characters as labels, line ends as spaces."""
    return _MATCH.sub(lambda found: _LATEX[found.group()], " ".join(visible(text).split()))


def table_latex(table: Table) -> str:
    """A floating table in booktabs' style, to be put into a document with ``\\usepackage{booktabs}``. Columns of
    running text are ``p`` columns."""
    columns = "".join("p{5cm}" if head.text else "l" if place == 0 else "r" for place, head in enumerate(table.heads))
    lines = [
        "% \\usepackage{booktabs} in the preamble; for XeLaTeX or LuaLaTeX where texts are not Latin",
        "\\begin{table}",
        f"\\caption{{{latex(table.title)}. {latex(table.note)}}}",
        f"\\label{{tab:{table.key}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join(latex(head.title) for head in table.heads) + r" \\",
    ]
    if any(head.sub for head in table.heads):
        lines.append(" & ".join(f"\\scriptsize {latex(head.sub)}" for head in table.heads) + r" \\")
    lines.append("\\midrule")
    lines += [" & ".join(map(latex, row)) + r" \\" for row in table.cells]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", "\\end{table}", ""])
