"""Scripts and style sheets that pages load as one file each."""

import re

import pytest

from core.web.joined_assets import SCRIPTS, STYLES, JoinedAssets


@pytest.mark.parametrize("path", ["/", "/explore"])
def test_a_page_loads_one_script_and_one_style_sheet(client, path):
    html = client.get(path).get_data(as_text=True)
    scripts = re.findall(r'<script src="(/assets/[^"]+)"', html)
    assert [address.partition("?")[0] for address in scripts] == ["/assets/js/1-shell/theme.js", "/assets/js/all.js"]
    [sheet] = re.findall(r'<link rel="stylesheet" href="(/assets/[^"]+)"', html)
    for address, media in ((scripts[1], "text/javascript"), (sheet, "text/css")):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.mimetype == media
        assert "immutable" in answer.headers["Cache-Control"]
        other = client.get(address.partition("?")[0])
        assert "immutable" not in other.headers.get("Cache-Control", "")
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_files_are_joined_in_the_order_of_dash(make_app, data):
    application = make_app(data)
    application.server.test_client().get("/explore")
    asked = [*application.scripts.get_all_scripts(), *application.css.get_all_css()]
    listed = [each["asset_path"] for each in asked if isinstance(each, dict) and "asset_path" in each]
    joined = application.server.extensions["masldatlas-assets"]
    assert joined.names(SCRIPTS) == [name for name in listed if name.endswith(".js")]
    assert joined.names(STYLES) == [name for name in listed if name.endswith(".css")]


def test_a_changed_file_gets_a_new_address(tmp_path):
    (tmp_path / "js" / "1-a").mkdir(parents=True)
    for name, text in (("1-a/b.js", "two()"), ("1-a/a.js", "one()"), ("1-a/head.js", "head()")):
        (tmp_path / "js" / name).write_text(text)
    joined = JoinedAssets(tmp_path, "head.js")
    sources = ("/x/lib.js", "/p/assets/js/1-a/a.js?m=1", "/p/assets/js/1-a/b.js?m=1", "/y.js")
    tags = "\n".join(f'<script src="{source}"></script>' for source in sources)
    first = joined.tags(tags, SCRIPTS, lambda name: f"/p/assets/{name}")
    assert re.findall(r'src="([^"?]+)', first) == ["/x/lib.js", "/p/assets/js/all.js", "/y.js"]
    (tmp_path / "js" / "1-a" / "a.js").write_text("three()")
    assert joined.tags(tags, SCRIPTS, lambda name: f"/p/assets/{name}") != first
    assert joined.tags("<p>", SCRIPTS, str) == "<p>"
