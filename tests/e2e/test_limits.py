"""A page whose visitor asks too much: it says so, waits, and goes on by itself."""

import pytest
from playwright.sync_api import expect

# A limit that is over in eight seconds is waited for.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

TOAST = "#shell-toasts .toast"


@pytest.mark.slow
def test_a_page_waits_and_goes_on_by_itself(serve, page, tolerated):
    """Explore asks 17 callbacks when it is opened, and 10 in eight seconds are allowed here."""
    server = serve(rate_limit="1 per 8 seconds")
    tolerated.append("status of 429")
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 429 else None)
    page.goto(f"{server.url}/explore?atlas=human/liver&gene=ALB", wait_until="domcontentloaded")
    expect(page.locator(TOAST)).to_contain_text("Rate limit reached: 10 requests per 8 seconds.")
    expect(page.locator(TOAST)).to_contain_text("The page goes on by itself in")
    assert page.locator(TOAST).count() == 1, "one message, however many are refused"
    expect(page.locator("#explore-sentence")).to_contain_text("600 cells")
    # What was refused twice waits twice.
    expect(page.locator("#explore-left .main-svg").first).to_be_visible(timeout=30_000)
    expect(page.locator(TOAST)).to_have_count(0)
    assert any("_dash-update-component" in url for url in refused)


@pytest.mark.slow
def test_a_limit_that_is_far_away_is_said_and_not_waited_for(serve, page, tolerated):
    server = serve(rate_limit="1/hour")
    tolerated.extend(["status of 429", "Callback error"])
    page.goto(f"{server.url}/")
    page.goto(f"{server.url}/explore?atlas=human/liver&gene=ALB")
    expect(page.locator(TOAST)).to_contain_text("Rate limit reached: 10 requests per hour.")
