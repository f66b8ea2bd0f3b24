"""A headless Chromium, driven by chromedriver (the WebDriver protocol, spoken
over HTTP) with nothing but Python's library:

    with Browser() as browser:
        browser.open("file:///tmp/page.html")
        title = browser.run("return document.title")
"""

import base64
import json
import re
import subprocess
import urllib.error
import urllib.request

# Documents are local, and CI has no use for Chromium's own services.
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--force-color-profile=srgb",
             "--hide-scrollbars", "--font-render-hinting=none"]


class Browser:
    def __init__(self):
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        try:
            self._base = f"http://127.0.0.1:{self._port()}"
            self._session = self._start()
        except BaseException:
            self._driver.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._ask("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait()

    def _port(self):
        for line in self._driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found[1])
        raise RuntimeError("chromedriver did not start")

    def _start(self):
        wanted = {"goog:chromeOptions": {"args": ARGUMENTS},
                  "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._send("POST", "/session",
                            {"capabilities": {"alwaysMatch": wanted}})
        return answer["sessionId"]

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._base + path, data, {"Content-Type": "application/json"},
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            told = json.load(error)["value"]
            raise RuntimeError(f"{told['error']}: {told['message']}") from None

    def _ask(self, method, path, body=None):
        return self._send(method, f"/session/{self._session}{path}", body)

    def devtools(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute",
                         {"cmd": command, "params": parameters})

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The body of a function; what it returns, or its promise."""
        return self._ask("POST", "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def screen(self, width, height, scheme="light", phone=False):
        """The size of the window in CSS pixels, and the colour scheme."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=2 if phone else 1,
                      mobile=phone)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._ask("GET", "/screenshot")))

    def click(self, selector):
        found = self._ask("POST", "/element",
                          {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{next(iter(found.values()))}/click", {})

    def strokes(self, points_of_strokes, kind="mouse"):
        """Presses, moves and lifts a pointer (mouse, touch or pen); points are
        (x, y) in the window."""
        actions = []
        for points in points_of_strokes:
            for i, (x, y) in enumerate(points):
                actions.append({"type": "pointerMove", "duration": 0,
                                "x": round(x), "y": round(y)})
                if i == 0:
                    actions.append({"type": "pointerDown", "button": 0})
            actions.append({"type": "pointerUp", "button": 0})
        self._act({"type": "pointer", "id": kind, "actions": actions,
                   "parameters": {"pointerType": kind}})

    def keys(self, *keys):
        """Presses keys one after the other: "a", or codes of WebDriver."""
        self._act({"type": "key", "id": "keyboard", "actions": [
            {"type": way, "value": key}
            for key in keys for way in ("keyDown", "keyUp")]})

    def chord(self, *keys):
        """Presses keys together."""
        downs = [{"type": "keyDown", "value": key} for key in keys]
        ups = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._act({"type": "key", "id": "keyboard", "actions": downs + ups})

    def _act(self, source):
        self._ask("POST", "/actions", {"actions": [source]})
        self._ask("DELETE", "/actions")

    def complaints(self):
        """What the console was told since it was asked last: errors, and what
        the page's own policy refused."""
        return [entry["message"] for entry in
                self._ask("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]
