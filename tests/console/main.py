"""The console of `glacier serve`, used as a person would use it: with the mouse, with the keyboard alone, wide and narrow, light and dark."""

import json
import os
import re
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from glacier import Serve, environment, scratch  # noqa: E402
from page import Page  # noqa: E402
from vaults import MARKUP, UNSEEN, control, fill, mis_sign  # noqa: E402
from webdriver import NAME, Browser  # noqa: E402

HOUR = 3600
CASES = []


def case(function):
    CASES.append(function)
    return function


class Bench:
    """A service of its own, with vaults, and a page that shows it."""

    def __init__(self, browser, folder, *options, env=None):
        self.server = Serve(Path(folder) / "data", "--control", *(options or ("--time", "manual")), env=env)
        self.url, self.browser = self.server.url, browser
        self.page = Page(browser, self.url)
        browser.messages(), browser.requested()

    def __enter__(self):
        self.rest = fill(self.url)
        self.browser.resize(1400, 900)
        self.browser.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        self.page.open()
        return self

    def __exit__(self, *error):
        # The page leaves, so that it does not ask a server that is gone.
        self.browser.open("about:blank")
        self.server.__exit__(*error)

    def check_quiet(self, *expected):
        """Nothing ran that should not, nothing was asked of anybody else, and the console has no message but those expected."""
        assert self.browser.script("return window.hacked === undefined")
        messages = self.browser.messages()
        unexpected = [text for text in messages if not any(words in text for words in expected)]
        assert not unexpected, unexpected
        assert all(any(words in text for text in messages) for words in expected), (expected, messages)
        for url in self.browser.requested():
            assert url.startswith((self.url + "/_glacier/", "data:", "about:", "chrome:", "chrome-untrusted:")), f"{url} was asked for"


@case
def vaults_and_what_is_in_them(bench):
    page = bench.page
    row = page.wait_for_row("#vaults-list", "photos", "eu-west-1", "000000000000", "in progress")
    assert re.search(r"\b3\b.*\b32 KiB\b", row.replace("\n", " ")), row
    page.choose("photos")
    page.wait_for_row("#jobs-list", "Archive retrieval, Standard", "for the album", "in progress", "done in")
    page.wait_for_row("#uploads-list", "a large film", "1.0 MiB", "in 1 d 0 h")
    page.wait_for_row("#archives-list", "holiday in Norway", "11 KiB")
    page.wait_for_row("#archives-list", "no description")
    page.wait_for_row("#due-list", "Job is done", "photos")
    page.wait_for_row("#requests-list", "201", "UploadArchive", "POST /-/vaults/photos/archives", "000000000000:root")
    # What is made now is shown without a click.
    assert bench.rest.call("PUT", ["-", "vaults", "later"]).status == 201
    page.wait_for_row("#vaults-list", "later")
    bench.check_quiet()


@case
def time_at_a_button(bench):
    page, browser = bench.page, bench.browser
    before = browser.text("#now")
    page.choose("photos")
    for _ in range(6):
        if any("succeeded" in row for row in page.rows("#jobs-list")):
            break
        browser.click("[data-seconds='3600']")
        last = before
        before = browser.wait(lambda: browser.text("#now") != last and browser.text("#now"), "vault time moves on")
        page.wait_for("#result", before)
    page.wait_for_row("#jobs-list", "succeeded", "ends in")
    # The job is done as the API tells it, too.
    assert bench.rest.jobs("photos")[0]["StatusCode"] == "Succeeded"
    # To the next event, and by a time of one's own.
    browser.click("#next")
    page.wait_for("#result", "Vault time is now")
    browser.fill("#amount", "3")
    browser.script("document.querySelector('#unit').value = '86400'")
    now = browser.text("#now")
    browser.click("#advance button[type=submit]")
    browser.wait(lambda: browser.text("#now") != now, "three days pass")
    page.wait_for("#jobs-count", "none")
    bench.check_quiet()


@case
def an_inventory(bench):
    page, browser = bench.page, bench.browser
    page.choose("photos")
    page.wait_for_row("#vaults-list", "photos", "none yet")
    browser.click("#inventory")
    page.wait_for("#result", "The inventory of photos has 3 archives, 32 KiB.")
    browser.wait(lambda: not any("photos" in row and "none yet" in row for row in page.rows("#vaults-list")), "the inventory is shown")
    assert bench.rest.call("GET", ["-", "vaults", "photos"]).json["NumberOfArchives"] == 3
    bench.check_quiet()


@case
def faults(bench):
    page, browser = bench.page, bench.browser
    script = {"seed": 7, "rules": [{"operation": "ListVaults", "nth": 1, "fault": {"kind": "error", "status": 503, "code": "Busy", "message": UNSEEN + ' a:1,{"b":2}'}}]}
    browser.fill("#script", json.dumps(script))
    browser.click("#script-form button[type=submit]")
    page.wait_for("#result", "1 rule is in force.")
    page.wait_for_row("#faults-list", "error", "ListVaults", "match 1", "0 hits")
    # The script in force is there to be changed, as it was sent.
    browser.wait(lambda: json.loads(browser.script("return document.querySelector('#script').value")) == script, "the script in force is shown")
    assert bench.rest.call("GET", ["-", "vaults"]).status == 503
    page.wait_for_row("#faults-list", "1 hit")
    # What cannot be seen is shown all the same, and turns nothing around.
    page.wait_for_row("#requests-list", "503", "Busy", "gpj.\\u{202e}exe\\u{200b}", "fault: error")
    # A mistake is told where it was made, and what was in force stays so.
    browser.fill("#script", '{"rules": [{"operation": "Nothing", "fault": {"kind": "reset"}}]}')
    browser.click("#script-form button[type=submit]")
    page.wait_for("#script-error", "Nothing")
    assert len(control(bench.url, "faults")["rules"]) == 1
    # Each example is a script that the server takes.
    for value in browser.script("return [...document.querySelectorAll('#example option')].map((o) => o.value).filter(Boolean)"):
        browser.script("const e = document.querySelector('#example'); e.value = arguments[0]; e.dispatchEvent(new Event('change'))", value)
        control(bench.url, "faults", json.loads(browser.script("return document.querySelector('#script').value")))
    browser.click("#clear")
    page.wait_for("#result", "All faults are taken away.")
    page.wait_for("#no-faults", "Every request is served")
    assert control(bench.url, "faults")["rules"] == []
    bench.check_quiet("_glacier/faults")


@case
def a_signature_that_failed_is_explained(bench):
    page, browser = bench.page, bench.browser
    mis_sign(bench.url)
    row = page.wait_for_row("#requests-list", "403", "InvalidSignatureException", "DescribeVault", "GET /-/vaults/photos")
    assert "canonical request" not in row
    browser.click("#errors")
    browser.wait(lambda: all("403" in row for row in page.rows("#requests-list")), "only errors are listed")
    browser.click("#requests-list summary")
    page.wait_for("#requests-list pre", "The canonical request that this service signed:\nGET\n/-/vaults/photos")
    page.wait_for("#requests-list pre", "AWS4-HMAC-SHA256")
    # It stays open, and where it is, while more comes.
    for _ in range(3):
        mis_sign(bench.url)
    browser.wait(lambda: len(page.rows("#requests-list")) == 4, "four are listed")
    assert browser.script("return document.querySelectorAll('#requests-list details[open]').length") == 1
    bench.check_quiet()


@case
def focus_and_selection_stay_while_the_page_changes(bench):
    page, browser = bench.page, bench.browser
    page.choose("photos")
    browser.script("document.querySelector('#archives-list button.id').focus()")
    label = page.focus()["label"]
    browser.fill("#script", "{ half a script")
    browser.script("""
      document.querySelector('#archives-list button.id').focus();
      getSelection().selectAllChildren(document.querySelector('#due-title'));
    """)
    selected = browser.script("return String(getSelection())")
    control(bench.url, "advance", {"seconds": HOUR})
    for n in range(3):
        bench.rest.call("PUT", ["-", "vaults", f"a-{n}"])
    page.wait_for_row("#vaults-list", "a-2")
    assert page.focus()["label"] == label
    assert browser.script("return String(getSelection())") == selected
    assert browser.script("return document.querySelector('#script').value") == "{ half a script"
    page.wait_for("#vault-name", "photos")
    bench.check_quiet()


@case
def hostile_texts_are_texts(bench):
    page, browser = bench.page, bench.browser
    page.choose("photos")
    page.wait_for_row("#archives-list", MARKUP)
    assert browser.script("return document.querySelectorAll('main img, main script').length") == 0
    # An element that got in all the same would not run: the policy of the page forbids it.
    browser.script("""
      const image = document.createElement('img');
      image.setAttribute('onerror', 'window.hacked = 1');
      image.src = 'data:,';
      document.body.append(image);
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.body.append(script);
    """)
    browser.wait(lambda: browser.script("return document.querySelector('body > img').complete"), "the image failed")
    bench.check_quiet("Content Security Policy", "inline")


@case
def wide_and_narrow_light_and_dark(bench):
    page, browser = bench.page, bench.browser
    mis_sign(bench.url)
    control(bench.url, "faults", {"rules": [{"operation": "GetJobOutput", "fault": {"kind": "throttle"}}]})
    page.choose("photos")
    page.wait_for_row("#archives-list", "holiday")
    page.wait_for_row("#requests-list", "403")
    page.wait_for_row("#faults-list", "throttle")
    browser.script("document.querySelector('#requests-list details').open = true")
    backgrounds = set()
    for scheme in ("light", "dark"):
        browser.prefer(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        backgrounds.add(browser.script("return getComputedStyle(document.body).backgroundColor"))
        for width in (1400, 1000, 961, 700, 400, 320):
            browser.resize(width, 900)
            page.check_width(width)
            page.check_contrast()
            page.check_names()
            if shots := os.environ.get("CONSOLE_SHOTS"):
                browser.screenshot(Path(shots) / f"{width}-{scheme}.png")
        browser.click("#reset")
        page.check_contrast()
        browser.press("Escape")
    assert len(backgrounds) == 2, f"dark is as light: {backgrounds}"
    bench.check_quiet()


@case
def a_reset_asks_first(bench):
    page, browser = bench.page, bench.browser
    browser.click("#reset")
    browser.click("#reset-no")
    page.wait_for_row("#vaults-list", "photos")
    now = browser.text("#now")
    browser.click("#reset")
    browser.click("#reset-dialog button[type=submit]")
    page.wait_for("#no-vaults", bench.url)
    page.wait_for("#no-requests", "No request has come yet.")
    assert control(bench.url, "state")["vaults"] == []
    assert browser.text("#now") == now
    # The next request is the first.
    bench.rest.call("PUT", ["-", "vaults", "again"])
    browser.wait(lambda: len(page.rows("#requests-list")) == 1, "one request")
    bench.check_quiet()


@case
def all_of_it_with_the_keyboard(bench):
    page, browser = bench.page, bench.browser
    to = lambda **wanted: page.tab_to(lambda focus: all(focus[key] == value for key, value in wanted.items()))
    # From the beginning of the page, in the order in which it is read.
    assert to(tag="A")["label"] == "Skip to the requests"
    to(id="reset")
    before = browser.text("#now")
    to(label="+ 1 day")
    browser.press("Enter")
    browser.wait(lambda: browser.text("#now") != before, "a day passes")
    assert page.focus()["label"] == "+ 1 day", "the focus stays"
    to(label="photos")
    browser.press("Space")
    page.wait_for("#vault-name", "photos")
    page.wait_for_row("#archives-list", "holiday")
    to(id="inventory")
    browser.press("Enter")
    page.wait_for("#result", "The inventory of photos has 3 archives")
    to(id="script")
    browser.press(*'{"rules": [{"operation": "ListVaults", "fault": {"kind": "throttle"}}]}')
    to(label="Set the faults")
    browser.press("Enter")
    page.wait_for_row("#faults-list", "throttle")
    to(id="clear")
    browser.press("Enter")
    page.wait_for("#no-faults", "Every request is served")
    mis_sign(bench.url)
    page.wait_for_row("#requests-list", "403")
    to(id="errors")
    browser.press("Space")
    to(tag="SUMMARY")
    browser.press("Enter")
    page.wait_for("#requests-list pre", "The string to sign:")
    # The dialog keeps the focus, begins where nothing is lost, ends with Escape, and gives the focus back.
    page.tab_to(lambda focus: focus["id"] == "reset", backwards=True)
    browser.press("Enter")
    assert page.focus()["id"] == "reset-no"
    browser.press("Escape")
    assert page.focus()["id"] == "reset"
    page.wait_for_row("#vaults-list", "photos")
    browser.press("Enter")
    to(label="Remove everything")
    browser.press("Enter")
    page.wait_for("#no-vaults", "There is no vault yet.")
    bench.check_quiet()


def a_token_is_asked_for(browser, folder):
    """By a name that is not the loopback's, the page has no data until the token is typed, and keeps it no longer than it is open."""
    with Bench(browser, folder, "--time", "manual", env=environment(GLACIER_SERVE_CONTROL_TOKEN="open-sesame")) as bench:
        bench.url = bench.url.replace("127.0.0.1", NAME)
        browser.requested()
        browser.open(f"{bench.url}/_glacier/")
        bench.page.wait_for("#token-why", "x-glacier-control-token")
        assert bench.page.focus()["id"] == "token" and browser.text("#vaults-count") == ""
        bench.page.check_names()
        browser.press(*"wrong", "Enter")
        bench.page.wait_for("#token-why", "is not that of --control-token")
        browser.press("Escape")
        bench.page.wait_for("#link-text", "locked")
        browser.click("#unlock")
        browser.press(*"open-sesame", "Enter")
        bench.page.wait_for("#link-text", "live")
        bench.page.wait_for_row("#vaults-list", "photos")
        kept = browser.script("return JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href]) + document.body.outerHTML")
        assert "sesame" not in kept
        bench.check_quiet("403 (Forbidden)")
        bench.url = bench.page.url


def real_time(browser, folder):
    """In the mode real the buttons of time are off, and the page says why."""
    with Bench(browser, folder, "--time", "real") as bench:
        assert browser.script("return document.querySelector('#advance fieldset').disabled")
        bench.page.wait_for("#no-advance", "--time manual")
        bench.page.check_contrast()
        bench.check_quiet()


def a_server_that_goes_away(browser, folder):
    """The page says so, and goes on when the server is back."""
    with Bench(browser, folder) as bench:
        port = bench.url.rsplit(":", 1)[1]
        bench.server.stop()
        bench.page.wait_for("#link-text", "The server cannot be reached.")
        bench.server = Serve(Path(folder) / "data", "--control", "--time", "manual", listen=f"127.0.0.1:{port}")
        browser.click("#retry")
        bench.page.wait_for("#link-text", "live")
        bench.page.wait_for_row("#vaults-list", "photos")


OTHERS = [a_token_is_asked_for, real_time, a_server_that_goes_away]


def run(browser, function, folder):
    if function in OTHERS:
        return function(browser, folder)
    with Bench(browser, folder) as bench:
        return function(bench)


def main():
    chosen = sys.argv[1:]
    failed = 0
    functions = [function for function in CASES + OTHERS if not chosen or function.__name__ in chosen]
    with Browser() as browser:
        for function in functions:
            try:
                with scratch("console") as folder:
                    run(browser, function, folder)
                print(f"ok      {function.__name__}", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED  {function.__name__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(functions) - failed} passed, {failed} failed")
    return 1 if failed or not functions else 0


if __name__ == "__main__":
    sys.exit(main())
