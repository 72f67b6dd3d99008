"""The console as it is shown: what is on it, how wide it is, and whether its texts can be read."""

# What a user can see of the page, without what is left out of it or has no size.
CONTRAST = """
const rgb = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
const over = (top, under) => {
  const mix = (a, b) => a * top.a + b * (1 - top.a);
  return { r: mix(top.r, under.r), g: mix(top.g, under.g), b: mix(top.b, under.b), a: 1 };
};
const light = ({ r, g, b }) => {
  const part = (value) => { const v = value / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const behind = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.push(rgb(getComputedStyle(at).backgroundColor));
  return layers.reverse().reduce((under, layer) => over(layer, under), { r: 255, g: 255, b: 255, a: 1 });
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
  if (element.closest(".hidden, .skip, script, style, option")) continue;
  const under = behind(element);
  const [a, b] = [light(over(rgb(getComputedStyle(element).color), under)), light(under)].sort((x, y) => y - x);
  found.push([(a + 0.05) / (b + 0.05), walker.currentNode.data.trim().slice(0, 40)]);
}
return found;
"""

# Where the focus is, in words, and whether it can be seen.
FOCUS = """
const at = document.activeElement;
const style = getComputedStyle(at);
const label = at.getAttribute("aria-label") || (at.labels && at.labels[0] && at.labels[0].textContent) || at.textContent;
return { id: at.id, tag: at.tagName, label: label.trim().slice(0, 60), isSeen: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none" };
"""

# Controls that a screen reader could not name.
NAMELESS = """
return [...document.querySelectorAll("button, input, select, textarea, summary")].filter((control) =>
  control.checkVisibility() && !(control.textContent.trim() || control.getAttribute("aria-label") || control.labels?.length)).map((c) => c.outerHTML);
"""

# Elements that reach beyond the window, and cells of tables beyond which their text reaches.
TOO_WIDE = """
return [...document.querySelectorAll("body *")].filter((element) => {
  if (element.tagName === "TD" && element.scrollWidth > element.clientWidth + 1) return true;
  const { right, left, width } = element.getBoundingClientRect();
  return width > 1 && (right > innerWidth + 0.5 || left < -0.5) && !element.closest("textarea, pre, thead, .skip");
}).map((element) => `${element.tagName}#${element.id}.${element.className} ${element.textContent.trim().slice(0, 30)}`).slice(0, 5);
"""


class Page:
    """The console in a browser."""

    def __init__(self, browser, url):
        self.browser, self.url = browser, url

    def open(self):
        self.browser.open(f"{self.url}/_glacier/")
        self.wait_for("#link-text", "live")

    def wait_for(self, css, words):
        """Waits until an element shows these words."""
        return self.browser.wait(lambda: words in self.browser.text(css), f"{words!r} in {css}, which shows {self.browser.text(css)!r}")

    def rows(self, css):
        """The texts of the rows of a list."""
        return self.browser.script("return [...document.querySelector(arguments[0]).children].map((row) => row.innerText)", css)

    def wait_for_row(self, css, *words):
        """Waits for a row with all these words; its text."""
        found = lambda: next((row for row in self.rows(css) if all(word in row for word in words)), None)
        return self.browser.wait(found, f"a row of {css} with {words}")

    def choose(self, vault):
        """Selects a vault by its name."""
        self.browser.script("[...document.querySelectorAll('#vaults-list button')].find((b) => b.textContent === arguments[0]).click()", vault)
        self.wait_for("#vault-name", vault)

    def check_width(self, width):
        """Nothing is wider than the window."""
        wide = self.browser.script("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1] == width, f"at {width} pixels the page has {wide}: {self.browser.script(TOO_WIDE)}"
        assert not self.browser.script(TOO_WIDE), self.browser.script(TOO_WIDE)

    def check_contrast(self):
        """Every text can be read: 4.5 to 1, as WCAG 2 asks of AA."""
        texts = self.browser.script(CONTRAST)
        assert len(texts) > 50, f"only {len(texts)} texts were found"
        bad = [(round(ratio, 2), text) for ratio, text in texts if ratio < 4.5]
        assert not bad, f"texts with too little contrast: {bad[:10]}"

    def check_names(self):
        """Every control has a name."""
        assert not self.browser.script(NAMELESS), self.browser.script(NAMELESS)

    def focus(self):
        return self.browser.script(FOCUS)

    def tab_to(self, wanted, backwards=False):
        """Presses Tab until `wanted(focus)` is true: the focus is visible on the whole way."""
        for _ in range(120):
            self.browser.press("Tab", hold="Shift" if backwards else None)
            focus = self.focus()
            assert focus["isSeen"] or focus["tag"] == "BODY", f"the focus cannot be seen on {focus}"
            if wanted(focus):
                return focus
        raise AssertionError("Tab does not lead there")
