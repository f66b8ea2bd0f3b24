#!/usr/bin/env python3
"""A mirror on loopback that serves a folder, well or badly.

    mirror.py FOLDER LOG

Prints its port, then serves until it is killed. The first part of a path says
how the rest of it is answered; see MANNERS. Each request is a line in LOG: its
path, and the Range it asked for or "-".
"""

import http.server
import pathlib
import sys
import time


class Mirror(http.server.BaseHTTPRequestHandler):
    folder = log = None

    def do_GET(self):
        wanted = self.headers.get("Range", "-")
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"{self.path} {wanted}\n")
        manner, _, name = self.path.lstrip("/").partition("/")
        MANNERS[manner](self, name)

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=(), promised=None):
        """Sends the body; promised is the length told, if it is a lie."""
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.send_header(
            "Content-Length", str(len(body) if promised is None else promised)
        )
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass  # the client has seen enough

    def first(self):
        """The first byte that is asked for."""
        return int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])

    def good(self, name, limit=None):
        """Serves what is asked for, but at most `limit` bytes of it."""
        path = self.folder / name
        if not path.is_file():
            return self.missing(name)
        content, first = path.read_bytes(), self.first()
        if "Range" not in self.headers:
            return self.answer(200, content[:limit], promised=len(content))
        if first >= len(content):
            span = ("Content-Range", f"bytes */{len(content)}")
            return self.answer(416, b"", [span])
        span = f"bytes {first}-{len(content) - 1}/{len(content)}"
        rest = content[first:]
        self.answer(
            206, rest[:limit], [("Content-Range", span)], promised=len(rest)
        )

    def breaks(self, name):
        """Breaks off halfway; goes on well when asked for the rest."""
        half = (self.folder / name).stat().st_size // 2
        self.good(name, half if self.first() == 0 else None)

    def crumbles(self, name):
        """Breaks off halfway, and sends nothing when asked for the rest."""
        half = (self.folder / name).stat().st_size // 2
        self.good(name, half if self.first() == 0 else 0)

    def whole(self, name):
        """Knows nothing of ranges, and breaks off the first time."""
        content = (self.folder / name).read_bytes()
        half = len(content) // 2
        again = "Range" in self.headers
        type(self).asked[name] = type(self).asked.get(name, 0) + 1
        first_time = type(self).asked[name] == 1 and not again
        self.answer(
            200, content[:half] if first_time else content,
            promised=len(content),
        )

    asked = {}

    def missing(self, _):
        self.answer(404, b"<html>Not Found</html>\n")

    def page(self, _):
        """What a hotel's network answers to everything."""
        self.answer(200, b"\n <!DOCTYPE html><title>Welcome</title>\n")

    def wrong(self, _):
        """Good gzip of something else."""
        self.good("wrong.gz")

    def cut(self, name):
        """Half a file, told to be the whole."""
        content = (self.folder / name).read_bytes()
        self.answer(200, content[: len(content) // 2])

    def silent(self, _):
        """Takes the request and never answers."""
        time.sleep(600)


MANNERS = {
    manner: getattr(Mirror, manner)
    for manner in (
        "good breaks crumbles whole missing page wrong cut silent".split()
    )
}


def main():
    Mirror.folder = pathlib.Path(sys.argv[1])
    Mirror.log = sys.argv[2]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


main()
