"""Chapters: headings, anchors, and invalid files."""

import click
import pytest

from core.web.documentation.chapters import chapter, manual, slug

TEXT = """# The *first* title

Before any heading.

## `masldatlas import`

```sh
# no heading
make run
```

### Deeper
#### too deep for a heading
"""


def write(directory, **texts):
    for name in ("command-line", "api", "settings"):
        texts.setdefault(name, f"# {name}\n")
    for place, (name, text) in enumerate(texts.items(), 1):
        (directory / f"{place:02}-{name}.md").write_text(text)


def test_a_chapter_is_split_at_its_headings():
    found = chapter("data", TEXT)
    assert [(each.level, each.anchor, each.title) for each in found.sections] == [
        (1, "data", "The *first* title"),
        (2, "data-masldatlas-import", "`masldatlas import`"),
        (3, "data-deeper", "Deeper"),
    ]
    assert found.title == "The *first* title"
    assert found.sections[0].text == "Before any heading."
    assert "# no heading\nmake run" in found.sections[1].text
    assert found.sections[2].text == "#### too deep for a heading"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("words\n# Title\n", "does not begin with a heading"),
        ("## Title\n", "one heading of level 1"),
        ("# Title\n# Another\n", "one heading of level 1"),
        ("", "one heading of level 1"),
        ("# Title\n## Same!\n## same\n", "share an anchor: data-same"),
    ],
)
def test_a_chapter_without_order_is_refused(text, problem):
    with pytest.raises(ValueError, match=problem):
        chapter("data", text)


@pytest.mark.parametrize(
    ("title", "anchor"),
    [("Partial correlation", "partial-correlation"), ("`/api/v1/datasets/<species>`", "api-v1-datasets-species")],
)
def test_slug(title, anchor):
    assert slug(title) == anchor


def test_chapters_come_in_the_order_of_their_files_and_are_found_by_anchor(tmp_path):
    write(tmp_path, zebra="# Zebra\n## Stripes\n", apple="# Apple\n")
    found = manual(tmp_path, click.Group(help="Does things."))
    assert [each.name for each in found.chapters] == ["zebra", "apple", "command-line", "api", "settings"]
    assert found.chapter_of("zebra-stripes").name == "zebra"
    assert found.chapter_of("settings-masldatlas-port").name == "settings"
    assert found.chapter_of("no-such-heading").name == "zebra"


def test_a_generated_chapter_needs_its_introduction(tmp_path):
    write(tmp_path)
    next(tmp_path.glob("*-api.md")).unlink()
    with pytest.raises(ValueError, match="The chapters api have no file"):
        manual(tmp_path, click.Group())
