"""The plot along the lobule: drawn everywhere a figure is, and its words say which cells, donors and ends are meant."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from app import create_app
from core.analysis.donor_groups import MIN_CELLS
from core.analysis.expression import expression_of
from core.analysis.zonation import along
from core.analysis.zonation_axis import axis_of
from core.errors import EmptySelection, InvalidQuery
from core.figures.print_style import Look
from core.figures.theme import DARK, LIGHT
from core.selection.model import Selection
from core.services.container import Services
from core.settings.settings import load
from core.views.explore import zonation
from core.views.explore.state import TABS, resolve
from core.views.registry import render
from tests.factories import imported, tiny
from tests.tables import parted

N = 900
ATLAS = "human/lobule"
LINK = f"/explore?figure=zonation&atlas={ATLAS}"


def lobule(path, **more):
    """Write hepatocytes along an axis of numbers, in five donors and seven groups, and endothelium without a zone."""
    rng = np.random.default_rng(3)
    space = rng.random(N)
    hepatocyte = np.arange(N) % 5 > 0
    rates = np.stack([space, 1 - space, np.full(N, 0.3)], axis=1) * hepatocyte[:, None] * 30 + 0.5
    obs = pd.DataFrame(
        {
            "CellType": pd.Categorical(np.where(hepatocyte, "Hepatocyte", "LSEC")),
            "Group": pd.Categorical(np.array(["Healthy", "MASH"])[np.arange(N) % 2]),
            "Donor": pd.Categorical([f"d{at % 6}" for at in range(N)]),
            "Batch": pd.Categorical([f"<b>{at % 7}</b>" for at in range(N)]),
            "Zonation": np.where(hepatocyte & (np.arange(N) % 9 > 0), space, np.nan),
        },
        index=[f"c{at}" for at in range(N)],
    )
    made = AnnData(rng.poisson(rates).astype(np.float32), obs=obs, var=pd.DataFrame(index=["GLUL", "ASS1", "ACTB"]))
    made.obsm["X_umap"] = rng.normal(size=(N, 2)).astype(np.float32)
    made.write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    place = tmp_path_factory.mktemp("zonation")
    imported(place / "data", lobule(place / "lobule.h5ad"), species="human", title="Lobule")
    imported(place / "data", lobule(place / "made.h5ad"), species="mouse", simulated=True)
    imported(place / "data", tiny(place / "none.h5ad"), species="human")
    return place / "data"


@pytest.fixture(scope="module")
def services(data):
    return Services.of(load(data_dir=data))


@pytest.mark.parametrize("theme", ["light", "dark", "journal"])
@pytest.mark.parametrize("query", ["", "&split=Group", "&split=Batch&measure=percent"])
def test_the_figure_holds_the_numbers_and_its_link_draws_the_same(services, theme, query):
    drawn = render(services, f"{LINK}&gene=GLUL{query}", Look.of(theme, width=85, font_size=7))
    atlas = services.catalog.get(ATLAS)
    split = "Batch" if "Batch" in query else "Group" if query else ""
    found = along(atlas, expression_of(atlas, "GLUL"), axis_of(atlas), Selection(), split)
    assert {trace["type"] for trace in drawn.figure["data"]} == {"scatter"}
    assert drawn.figure["layout"]["width"] == pytest.approx(drawn.look.pixels(85), abs=0.01)
    assert (drawn.facts["n_cells"], drawn.facts["n_samples"]) == (found.n_cells, 6)
    by_donor = split != "Batch"
    assert ("donors" in drawn.tables) is by_donor
    if split != "Batch":
        assert drawn.tables["zones"].to_pylist() == found.table.to_pylist()
    else:
        assert len(set(drawn.tables["zones"]["split"].to_pylist())) == zonation.MAX_SPLITS
        assert "The 6 largest of 7 batches." in drawn.facts["parameters"]["note"]
        assert not any("<b>" in str(each) for each in drawn.figure["layout"]["annotations"])
    assert drawn.legend.count("n = ") == 1
    assert "  " not in drawn.legend + drawn.methods
    line = f"donors with at least {MIN_CELLS} cells" if by_donor else "Lines join the values of all cells of a zone."
    assert line in drawn.legend
    assert "told by GLUL, ASS1, so their own direction is no evidence" in drawn.methods
    again = render(services, str(drawn.facts["permalink"]), Look.of(theme, width=85, font_size=7))
    assert again.figure == drawn.figure
    assert again.facts == drawn.facts


def test_pericentral_genes_rise_and_periportal_genes_fall(services):
    for gene, rises in (("GLUL", True), ("ASS1", False)):
        means = render(services, f"{LINK}&gene={gene}").tables["zones"]["donor_mean"].to_numpy()
        assert (np.diff(means) > 0).all() if rises else (np.diff(means) < 0).all()


def test_simulated_cells_are_called_so(services):
    drawn = render(services, LINK.replace(ATLAS, "mouse/made"))
    assert all(text.startswith("SIMULATED") for text in (drawn.title, drawn.legend, drawn.methods))


def test_the_page_says_cells_donors_and_what_is_left_out(services):
    view, problems = resolve(services, f"?atlas={ATLAS}&gene=GLUL&tab=zonation&split=Group")
    assert problems == []
    result = zonation.compute(services, view)
    text = zonation.words(result)
    assert text.title == "GLUL along the lobule by group"
    assert f"{result.found.n_cells:,} hepatocytes of 6 donors in Zonation, cut into 6 parts" in text.note
    assert f"{result.found.n_without:,} without a zone omitted" in text.note
    for theme in (LIGHT, DARK):
        figure = zonation.draw(result, theme)
        assert [trace["name"] for trace in figure["data"] if trace["showlegend"]] == ["Healthy", "MASH"]
        assert figure["layout"]["xaxis"]["title"]["text"] == "Zonation: portal triad → central vein"
        assert len(figure["layout"]["xaxis"]["ticktext"]) == 6


def test_other_cells_and_none(services):
    view, _ = resolve(services, f"?atlas={ATLAS}&gene=GLUL&where=CellType%3DLSEC")
    with pytest.raises(EmptySelection, match="No selected cell has a zone"):
        zonation.compute(services, view)


def test_without_zonation_there_is_no_tab_and_no_figure(services):
    view, [problem] = resolve(services, "?atlas=human/none&tab=zonation")
    assert view.query.tab == TABS[0]
    assert problem.harmless
    assert "no column that orders cells along the lobule" in problem.text
    assert "zonation, zone, layer or eta" in problem.remedy
    assert not zonation.is_there(view.atlas)
    with pytest.raises(InvalidQuery, match="no column that orders cells"):
        render(services, LINK.replace(ATLAS, "human/none"))


def test_frame_table_and_words_over_http(data):
    client = create_app(load(data_dir=data)).server.test_client()
    query = f"atlas={ATLAS}&gene=GLUL&split=Group"
    frame = client.get(f"/embed/v1/zonation.json?{query}").json
    assert frame["figure"]["data"]
    assert [name for name, _ in frame["legend_entries"]] == ["Healthy", "MASH"]
    page = client.get(f"/embed/v1/zonation?{query}").text
    assert "n = " in page
    facts, table = parted(client.get(f"/api/v1/figures/zonation.csv?{query}").text)
    assert facts["figure"] == "zonation"
    assert len(table.splitlines()) == 1 + 2 * 6
