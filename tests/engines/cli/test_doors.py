"""Which role gets through which command: the table of docs/security.md, command by command."""

from __future__ import annotations

from tests.engines.cli.conftest import Cli
from tests.support.cli_page import commands
from tests.support.demo import ROOT
from tests.support.doors import PAGE

ROLES = ("viewer", "analyst", "admin")
REFUSED = ("DM7010", "DM7011")
CALLS = {
    "ask": ("revenue",),
    "check": None,  # in a git repository; `--as` says whose numbers it compares
    "eval": (str(ROOT / "tests" / "fixtures" / "questions" / "dozen.jsonl"),),
    "list dimension-values": ("--dimension", "customer__country", "--metrics", "orders"),
    "policy check": ("dim_customers",),  # shows what the role sees: the caller is an admin
    "quality": (),
    "query": ("--metrics", "revenue"),
    "sql": ("select count(*) as n from dim_customers",),
    "training list": (),
    "training search": ("revenue by country",),
}


def written() -> dict[str, dict[str, str]]:
    """Command → role → what the page says."""
    page = PAGE.read_text(encoding="utf-8").partition("| command |")[2].partition("\n\n")[0]
    rows = [[cell.strip(" |`") for cell in line.split(" | ")] for line in page.splitlines()[2:]]
    return {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in rows}


def test_the_page_lists_every_command_that_asks_as_a_role() -> None:
    have = {shown.words.removeprefix("datamind ") for shown in commands() if any("--as" in option.opts for option in shown.options)}
    assert have == set(CALLS)
    assert set(written()) == {name for name, arguments in CALLS.items() if arguments is not None}


def test_the_page_says_who_gets_through_every_command(cli: Cli) -> None:
    found = {}
    for name, arguments in CALLS.items():
        if arguments is None:
            continue
        found[name] = {}
        for role in ROLES:
            ran = cli(*name.split(), *arguments, "--as", role, "--json")
            refused = ran.code == 1 and ran.problem["code"] in REFUSED
            assert refused or ran.code == 0, (name, role, ran.out, ran.err)
            found[name][role] = ran.problem["code"] if refused else "yes"
    assert found == written()
