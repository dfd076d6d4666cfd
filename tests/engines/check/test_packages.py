"""Packages of the base: those that are installed already where both sides ask for the same, so that no network is needed."""

from __future__ import annotations

from tests.engines.check.conftest import Check, of
from tests.support.pull_request import Clone

OF_A_REGISTRY = "packages: [{package: dbt-labs/dbt_utils, version: 1.3.0}]\n"


def package(repo: Clone, folder: str, value: str) -> None:
    """A package with a macro."""
    repo.write(f"{folder}/dbt_project.yml", "name: extra\nversion: '1.0'\n")
    repo.write(f"{folder}/macros/one.sql", f"{{% macro one() %}}{value}{{% endmacro %}}\n")


def test_what_is_installed_serves_both_sides(repo: Clone, check: Check) -> None:
    """dbt could not get it anew: nothing here reaches a registry."""
    repo.write("packages.yml", OF_A_REGISTRY)
    repo.write(".gitignore", "target/\nlogs/\ndbt_packages/\n")
    repo.write(
        "models/orders.sql", "select {{ extra.one() }} as id, 'EU' as region, 'paid' as status, 9.5 as amount, current_date as ordered_at\n"
    )
    repo.commit("A package")
    repo.git("branch", "--force", "main")
    package(repo, "dbt_packages/extra", "1")
    ended = check("--base", "main", "--json")
    assert (ended.code, of(ended, "diff")["result"]["changes"]) == (0, []), ended.out


def test_a_package_of_the_repository_is_that_of_the_base(repo: Clone, check: Check) -> None:
    repo.write("packages.yml", "packages: [{local: extra}]\n")
    repo.write(".gitignore", "target/\nlogs/\ndbt_packages/\npackage-lock.yml\n")
    repo.write(
        "models/orders.sql", "select {{ extra.one() }} as id, 'EU' as region, 'paid' as status, 9.5 as amount, current_date as ordered_at\n"
    )
    package(repo, "extra", "1")
    repo.commit("A package of our own")
    repo.git("branch", "--force", "main")
    package(repo, "extra", "2")
    (repo.project / "dbt_packages").mkdir()
    (repo.project / "dbt_packages" / "extra").symlink_to("../extra")
    ended = check("--base", "main", "--json")
    (problem,) = of(ended, "diff")["problems"]
    assert (ended.code, problem["code"], "possibly meaning" in problem["message"]) == (0, "DM2374", True)


def test_packages_that_are_missing(repo: Clone, check: Check) -> None:
    repo.write("packages.yml", OF_A_REGISTRY)
    ended = check("--base", "main", "--json")
    (problem,) = of(ended, "parse")["problems"]
    assert (ended.code, problem["code"], problem["hint"]) == (1, "DM2370", "run `dbt deps` first")
