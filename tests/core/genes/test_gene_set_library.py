"""Mounted gene sets: what is read, what is reported, and what is found again after a change."""

import os

import pytest

from core.errors import InvalidQuery, NotFound
from core.genes import gene_set_library
from core.genes.gene_set_library import MAX_PROBLEMS, GeneSets


@pytest.fixture
def library(tmp_path):
    (tmp_path / "hallmark.gmt").write_text(
        "HALLMARK_ADIPOGENESIS\thttps://x\tFABP4\tADIPOQ\tFABP4\t\n"
        "\n"
        "HALLMARK_HYPOXIA\t\tVEGFA,1.0\tCA9,0.5\n"
        "no tabs at all\n"
        "ONLY_A_DESCRIPTION\thttps://x\n"
        "NO_GENES\thttps://x\t\t\n"
        "\thttps://x\tALB\n"
        "HALLMARK_HYPOXIA\tagain\tALB\n"
    )
    (tmp_path / "own.GMT").write_bytes("\ufeffLiver β\tmine\tALB\r\nHALLMARK_HYPOXIA\tmine\tALB\r\n".encode())
    (tmp_path / "notes.txt").write_text("NOT\tA\tSET\n")
    return GeneSets(tmp_path)


def test_sets_have_the_name_of_their_file_and_genes_once(library):
    found = library.all()
    assert list(found) == [
        "hallmark/HALLMARK_ADIPOGENESIS",
        "hallmark/HALLMARK_HYPOXIA",
        "own/Liver β",
        "own/HALLMARK_HYPOXIA",
    ]
    assert found["hallmark/HALLMARK_ADIPOGENESIS"].genes == ("FABP4", "ADIPOQ")
    assert found["hallmark/HALLMARK_HYPOXIA"].genes == ("VEGFA", "CA9"), "the first of one name, without its weights"
    assert found["own/Liver β"].file == "own.GMT"


def test_broken_lines_are_reported_by_number_and_the_rest_is_read(library):
    problems = library.problems()
    assert [int(problem.split()[1]) for problem in problems] == [4, 5, 6, 7, 8]
    assert all("hallmark.gmt" in problem for problem in problems)
    assert "repeats the name" in problems[-1]


def test_search_takes_every_word_in_any_case(library):
    def keys(text, **more):
        return [each.key for each in library.search(text, **more)]

    assert keys("hypoxia hall") == ["hallmark/HALLMARK_HYPOXIA", "own/HALLMARK_HYPOXIA"]
    assert keys("own hypo") == ["own/HALLMARK_HYPOXIA"]
    assert keys("LIVER") == ["own/Liver β"]
    assert keys("") == list(library.all())
    assert len(keys("", limit=2)) == 2
    assert keys("zzz") == []


def test_a_set_by_its_key_or_by_a_name_of_its_own(library):
    assert library.get("own/HALLMARK_HYPOXIA").genes == ("ALB",)
    assert library.get("HALLMARK_ADIPOGENESIS").key == "hallmark/HALLMARK_ADIPOGENESIS"
    with pytest.raises(InvalidQuery, match="2 files have a set"):
        library.get("HALLMARK_HYPOXIA")
    with pytest.raises(NotFound, match="among 4") as caught:
        library.get("hallmark/HALLMARK_ADIPOGENESSIS")
    assert caught.value.suggestions[0] == "hallmark/HALLMARK_ADIPOGENESIS"
    for outside in ("../notes/NOT", "notes/NOT", "/etc/passwd"):
        with pytest.raises(NotFound):
            library.get(outside)


def test_a_changed_file_is_read_again_and_a_removed_one_forgotten(library, tmp_path):
    before = library.get("own/Liver β")
    assert library.get("own/Liver β") is before, "an unchanged file is read once"
    (tmp_path / "own.GMT").write_text("NEW\tx\tALB\tTTR\n")
    os.utime(tmp_path / "own.GMT", ns=(1, 1))
    assert library.get("own/NEW").genes == ("ALB", "TTR")
    (tmp_path / "hallmark.gmt").unlink()
    assert list(library.all()) == ["own/NEW"]
    assert library.problems() == []


def test_without_a_directory_there_are_no_sets(tmp_path):
    library = GeneSets(tmp_path / "nowhere")
    assert (library.all(), library.problems(), library.search("x")) == ({}, [], [])
    with pytest.raises(NotFound, match="among 0"):
        library.get("x/Y")


def test_what_is_no_text_is_told_and_hurts_nobody(tmp_path):
    (tmp_path / "binary.gmt").write_bytes(bytes(range(256)) * 200)
    (tmp_path / "folder.gmt").mkdir()
    (tmp_path / "good.gmt").write_text("SET\tx\tALB\n")
    library = GeneSets(tmp_path)
    assert "good/SET" in library.all()
    problems = library.problems()
    assert any("folder.gmt cannot be read" in problem for problem in problems)
    assert sum("binary.gmt" in problem for problem in problems) <= MAX_PROBLEMS + 1


def test_a_file_beyond_all_measure_is_not_read(library, monkeypatch):
    monkeypatch.setattr(gene_set_library, "MAX_BYTES", 60)
    assert {each.file for each in library.all().values()} == {"own.GMT"}
    assert library.problems() == ["hallmark.gmt is larger than 0 MB and is not read."]
