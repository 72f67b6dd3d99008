"""A browser over WebDriver: Debian's chromium and chromedriver, and nothing else. Every wait is bounded."""

import base64
import json
import re
import select
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

# The key under which WebDriver names an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SECONDS = 30

# A name of this machine that is not the loopback's.
NAME = "vaults.test"

# Without a sandbox, as the tests run as root; and without everything that Chromium does on its own over the network.
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
    "--disable-client-side-phishing-detection", "--disable-domain-reliability", "--metrics-recording-only", "--no-pings", "--no-proxy-server",
    "--password-store=basic", "--use-mock-keychain", "--hide-scrollbars",
    # No name is ever looked up, so that nothing but this machine can be reached; this one name means it.
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Space": " ", "Shift": "\ue008", "Control": "\ue009", "Down": "\ue015"}


class Browser:
    """Headless Chromium with a profile of its own; a context manager that ends it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="console-profile-")
        self.driver = None
        for name in ("chromium", "chromedriver"):
            if not shutil.which(name):
                raise SystemExit(f"the console is tested in a browser: install the Debian packages chromium and chromium-driver ({name} is missing)")

    def __enter__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self.base = f"http://127.0.0.1:{self._port()}"
            options = {"binary": shutil.which("chromium"), "args": [*ARGUMENTS, f"--user-data-dir={self.profile}"]}
            wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
            made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, seconds=120)
            self.base += f"/session/{made['sessionId']}"
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        try:
            if "/session/" in getattr(self, "base", ""):
                self._send("DELETE", "")
        except OSError:
            pass
        self.driver.terminate()
        try:
            self.driver.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _port(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if select.select([self.driver.stdout], [], [], 1)[0]:
                line = self.driver.stdout.readline().decode("utf-8", "replace")
                if found := re.search(r"started successfully on port (\d+)", line):
                    return found[1]
        raise AssertionError("chromedriver did not start")

    def _send(self, method, path, body=None, seconds=SECONDS):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=seconds) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise AssertionError(f"{method} {path}: {value['error']}: {value['message']}") from None

    # What a user sees and does.

    def open(self, url):
        self._send("POST", "/url", {"url": url})

    def find(self, css):
        return self._send("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        """Moves the mouse to an element and clicks: it must be there, and nothing over it."""
        self._send("POST", f"/element/{self.find(css)}/click")

    def text(self, css):
        """What is shown of an element."""
        return self._send("GET", f"/element/{self.find(css)}/text")

    def fill(self, css, text):
        element = self.find(css)
        self._send("POST", f"/element/{element}/clear")
        self._send("POST", f"/element/{element}/value", {"text": text})

    def press(self, *names, hold=None):
        """Presses keys one after the other, as `Tab` or `a`, while `hold` is held."""
        actions = [{"type": "keyDown", "value": KEYS[hold]}] if hold else []
        for name in names:
            value = KEYS.get(name, name)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        if hold:
            actions.append({"type": "keyUp", "value": KEYS[hold]})
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def script(self, source, *arguments):
        return self._send("POST", "/execute/sync", {"script": source, "args": list(arguments)})

    def wait(self, happened, what, seconds=SECONDS):
        """Asks until `happened()` is true; what it is then."""
        end = time.monotonic() + seconds
        while not (value := happened()):
            assert time.monotonic() < end, f"{what}: not within {seconds} s"
            time.sleep(0.05)
        return value

    # How the page is shown.

    def devtools(self, command, **parameters):
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, **features):
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.devtools("Emulation.setEmulatedMedia", features=listed)

    def screenshot(self, path):
        """The whole page, not only what is in the window."""
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        image = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        with open(path, "wb") as out:
            out.write(base64.b64decode(image["data"]))

    # What the browser noted since it was asked last.

    def messages(self):
        """What the console has to say."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]

    def requested(self):
        """The URLs that were asked for."""
        entries = [json.loads(entry["message"])["message"] for entry in self._send("POST", "/se/log", {"type": "performance"})]
        return [entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"]
