"""The dialog that hands out the lines for other sites, without a browser."""

from html import unescape
from html.parser import HTMLParser

import pytest
from dash import html

from callbacks.dialogs.embed import NOBODY, USUAL, embedded, permission_note, preview
from core.embed.policy import LOOPBACK
from core.embed.snippet import iframe, script
from core.errors import InvalidQuery

LINK = "/explore?v=1&figure=violin&atlas=human%2Fliver&gene=ALB&hash=0123456789ab"
CHOSEN = {
    "theme": "auto",
    "controls": "none",
    "background": "paper",
    "titled": True,
    "size": "responsive",
    "width": 640,
    "height": 480,
}


def asked(**chosen):
    return embedded({"link": LINK, "words": "ALB by <type>"}, {**CHOSEN, **chosen})


def test_what_goes_without_saying_is_not_in_the_address():
    assert asked().url == "/embed/v1/violin?atlas=human%2Fliver&gene=ALB&hash=0123456789ab"
    assert asked().width == "100%"


def test_choices_are_in_the_address():
    found = asked(theme="dark", controls="gene", background="transparent", titled=False, size="fixed", width=320)
    assert found.url.endswith("&theme=dark&controls=gene&background=transparent&title=0")
    assert found.width == 320


def test_an_emptied_number_is_the_usual_one():
    found = asked(size="fixed", width=None, height=None)
    assert (found.width, found.height) == USUAL


@pytest.mark.parametrize("changed", [{"theme": "blue"}, {"controls": "all&theme=dark"}, {"background": "<b>"}])
def test_what_is_no_choice_is_refused(changed):
    with pytest.raises(InvalidQuery):
        asked(**changed)


def test_a_link_that_cannot_be_read_is_refused():
    with pytest.raises(InvalidQuery):
        embedded({"link": "/explore?v=9", "words": ""}, CHOSEN)


def test_the_preview_is_the_frame_itself():
    found = preview(asked(theme="dark"), "light", framed=True)
    assert isinstance(found, html.Iframe)
    assert found.src == asked(theme="dark").url


@pytest.mark.parametrize(
    ("theme", "seen", "wanted"),
    [("auto", "dark", "dark"), ("light", "dark", "light"), ("dark", "light", "dark"), ("auto", "light", "light")],
)
def test_where_nobody_may_frame_it_the_preview_is_a_picture(theme, seen, wanted):
    found = preview(asked(theme=theme, controls="full"), seen, framed=False)
    assert isinstance(found, html.Img)
    assert found.src == f"/embed/v1/violin.png?atlas=human%2Fliver&gene=ALB&hash=0123456789ab&theme={wanted}"


def test_the_dialog_says_who_may_frame_it():
    assert permission_note(NOBODY).startswith("No site may embed this figure yet: ask the server administrator")
    assert "Development" in permission_note(("'self'", *LOOPBACK))
    assert permission_note(("'self'", "https://a.example", "https://b.example")).startswith(
        "Pages of https://a.example, https://b.example may embed this figure."
    )


class Element(HTMLParser):
    """The only tag of some lines."""

    def handle_starttag(self, tag, attrs):
        self.tag, self.attributes = tag, dict(attrs)


def element(text):
    found = Element()
    found.feed(text)
    return found


def test_the_lines_hold_texts_as_texts():
    title = "\"'><script>alert(1)</script>"
    found = element(iframe('https://a.example/embed/v1/violin?a=1&b="2', title, ("100%", 480), sized=True))
    assert found.tag == "iframe"
    assert found.attributes["title"] == title
    assert found.attributes["src"] == 'https://a.example/embed/v1/violin?a=1&b="2'
    assert found.attributes["loading"] == "lazy"
    assert "data-masldatlas" in found.attributes
    plain = element(iframe("https://a.example/x", "t", (320, 200), transparent=True))
    assert "data-masldatlas" not in plain.attributes
    assert (plain.attributes["width"], plain.attributes["height"]) == ("320", "200")
    assert plain.attributes["style"] == "border:0;color-scheme:normal"


def test_the_script_is_that_of_this_server():
    found = element(script("https://a.example"))
    assert unescape(found.attributes["src"]) == "https://a.example/embed/v1/embed.js"
