"""`abm gallery`: lists the built-in models, or shows one."""

from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from abm_quant.authoring.offline.gallery import entry_named, load_gallery
from abm_quant.cli.console import command_name, console, say, show_json
from abm_quant.contracts.gallery import GalleryEntry


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The model to show; all when absent.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only JSON: the specification, or the list.")
    ] = False,
) -> None:
    """List the built-in models, or show one.

    With --json and a name, the specification itself: abm gallery sir-network --json > sir.json
    """
    if name is None:
        _show_list(load_gallery(), as_json)
    elif as_json:
        show_json(entry_named(name).model.wire())
    else:
        _show_entry(entry_named(name))


def _show_list(entries: tuple[GalleryEntry, ...], as_json: bool) -> None:
    if as_json:
        show_json([{"name": entry.name, "title": entry.title} for entry in entries])
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("name", style="cyan", no_wrap=True)
    table.add_column("title")
    for entry in entries:
        table.add_row(Text(entry.name), Text(entry.title))
    console().print(table)
    abm = command_name()
    say(f"\nNext: {abm} gallery {entries[0].name}, or {abm} run gallery:{entries[0].name}")


def _show_entry(entry: GalleryEntry) -> None:
    out = console()
    out.print(Text(entry.title, style="bold"))
    out.print(Markdown(entry.explanation))
    say(f"\nA correct run shows: {entry.expected}")
    say(f"Source: {entry.reference}")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("variable", "initial value", "meaning"):
        table.add_column(heading)
    for each in entry.model.global_variables or []:
        if isinstance(each.initial_value, bool | int | float | str):
            table.add_row(Text(each.name), Text(str(each.initial_value)), Text(each.description))
    out.print()
    out.print(table)
    abm = command_name()
    say(
        f"\nNext: {abm} run gallery:{entry.name}, or {abm} gallery {entry.name} --json > model.json"
    )
