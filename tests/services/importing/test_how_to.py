"""docs/how-to/import-a-spreadsheet.md lists every column that a row may have, in the words of the table that reads them."""

from pathlib import Path

from testimonies.services.importing import columns

PAGE = Path(__file__).parents[3] / "docs/how-to/import-a-spreadsheet.md"
START, END = "| Column | Holds | |\n|---|---|---|\n", "\n\n## "


def table() -> str:
    return "\n".join(
        f"| `{column.name}` | {column.kind.label} | {help_of(column)} |"
        for column in columns.COLUMNS.values()
        if not column.is_read_only
    )


def help_of(column: columns.Column) -> str:
    words = f" Words: {', '.join(column.words)}." if column.words else ""
    return f"{column.help}{words}{'' if column.may_be_empty else ' Not empty.'}".replace("|", "\\|")


def test_the_page_lists_every_column() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(START)[2].partition(END)[0] == table(), f"Between the lines of the table, write:\n{table()}"


def test_the_page_names_what_is_left_out() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert ", ".join(f"`{name}`" for name in columns.READ_ONLY) in text
