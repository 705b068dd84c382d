"""The family of a gene by fetched relations, without any atlas."""

from core.services.container import Services
from core.services.gene_family import family_table
from core.settings.settings import load
from tests.references import install_all


def test_fetched_relations_give_every_paralog_and_say_where_there_is_none(tmp_path):
    install_all(tmp_path)
    services = Services.of(load(data_dir=tmp_path, correlation_cache=False))
    table, said = family_table(services, "ATOH1")
    fish = [row for row in table.to_pylist() if row["species"] == "zebrafish"]
    assert [(row["gene"], row["relation"], row["datasets"]) for row in fish] == [
        ("atoh1a", "1:n", ""),
        ("atoh1b", "1:n", ""),
        ("atoh1c", "1:n", ""),
    ]
    assert all(row["evidence"].startswith("ZFIN") for row in fish)
    assert said["sources"]["zebrafish"] == "ZFIN (1)"
    # From a paralog: the others, by the ortholog that they have in common.
    table, _ = family_table(services, "atoh1b")
    siblings = [row for row in table.to_pylist() if row["relation"] == "paralog"]
    assert [row["gene"] for row in siblings] == ["atoh1a", "atoh1c"]
    assert "ATOH1 (human)" in siblings[0]["evidence"]
    table, _ = family_table(services, "CYP2E1")
    assert table["evidence"][-1].as_py() == "No zebrafish ortholog of CYP2E1 is known (ZFIN (1))."
    services.close()
