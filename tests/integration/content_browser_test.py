"""The browser module in a real browser: values stay values, no script runs, and everybody gets the text that the router gives."""

import html
import http.server
import json
import re
import shutil
import subprocess
import threading
import unittest

import harness
from content_case import ContentCase

HERE = harness.HERE / "content"
CHROMIUM = shutil.which("chromium")

# each would call run() if it ever were more than a value
HOSTILE = ["<script>run()</script>", "</p><script>run()</script>", "\"><img src=x onerror=run()>", "' onmouseover='run()' x='", "<svg onload=run()>",
           "<img src=x onerror=run()>", "<a href=javascript:run()>x</a>", "</title></textarea></style><script>run()</script>", "<!--<script>run()//",
           "{{note}}", "{{constructor.constructor('run()')()}}", "${run()}", "#{run()}", "<%= run() %>", "[[${run()}]]", "{% raw %}", "&lt;script&gt;",
           "&#60;script&#62;run()", "\\u003cscript\\u003erun()", "javascript:run()", "a\nb", "שלום <b>", "مرحبا \"x\"", "a&b=c#d?e+f%20"]
# what turns text around, or is not seen, is no value
REFUSED = ["\u202egpj.exe", "a\u2066b\u2069", "\u200fa", "\u200ba", "\x00", "a\x1b[31m"]
LINKS = ["https://shop.example/?a=b&c=d#e", "http://shop.example/%3Cscript%3E"]
REFUSED_LINKS = ["javascript:run()", "https://shop.example/\" onclick=\"run()", "data:text/html,<script>run()</script>", "//shop.example/", "JaVaScRiPt:run()"]


class Page(http.server.BaseHTTPRequestHandler):
    """One page, whatever is asked."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page)

    def log_message(self, *_):
        pass


@unittest.skipUnless(CHROMIUM, "Chromium is not here; 'deploy/install browser' installs it")
class Browser(ContentCase):
    def show(self, question):
        """What the page says in the end."""
        text = (HERE / "browser.html").read_text().replace("QUESTION", json.dumps(question).replace("<", "\\u003c"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.page = text.encode()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), server.server_close(), thread.join()))
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", f"--user-data-dir={self.folder}/chromium", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
             "--virtual-time-budget=60000", "--dump-dom", f"http://127.0.0.1:{server.server_port}/"],
            capture_output=True, text=True, timeout=harness.LIMIT_S, env={**self.environment, "HOME": str(self.folder)})
        body = re.search(r"<title>done</title>.*<body>(.*)</body>", done.stdout, re.DOTALL)
        self.assertTrue(body, done.stdout[-2000:] + done.stderr[-2000:])
        return json.loads(html.unescape(body[1]))

    def test_shows_values_as_text_runs_nothing_and_picks_as_the_router_does(self):
        # given
        self.publish(HERE / "notes.yaml")
        server = self.serve()
        address = f"http://127.0.0.1:{server.port}"
        wishes = [{"audience": audience, "user": f"user-{i}", "slots": {"note": note}}
                  for audience in ("en", "he") for i, note in enumerate(HOSTILE + REFUSED)]
        wishes += [{"audience": "en", "user": "u", "slots": {"note": "n", "link": link}} for link in LINKS + REFUSED_LINKS]
        users = [f"user-{i}" for i in range(20)]
        # when
        said = self.show({"module": address + "/v1/troupe-content.js", "base": address + "/v1/content/notes", "wishes": wishes, "users": users})
        # then
        self.assertEqual(said["ran"], 0)
        self.assertEqual(said["noticed"], 2)
        for wish, answer in zip(wishes, said["answers"], strict=True):
            note, link = wish["slots"]["note"], wish["slots"].get("link", "https://shop.example/")
            if note in REFUSED or link in REFUSED_LINKS:
                self.assertIn("slot 'note'" if note in REFUSED else "slot 'link'", answer.get("error", ""), wish)
                continue
            self.assertNotIn("error", answer, wish)
            self.assertEqual([answer["note"], answer["title"], answer["data"], answer["alt"], answer["query"]], [note] * 5)
            self.assertEqual((answer["link"], answer["elements"], answer["handlers"]), (link, ["p", "p", "a", "img"], []))
        for user, variant in zip(users, said["variants"], strict=True):
            given = self.json("content", "fill", self.folder / "public", "--audience", "en", "--user", user, "note=n")
            self.assertEqual(variant, given["variant"])
        self.assertGreater(len(set(said["variants"])), 1)
        by_router = self.json("content", "fill", self.folder / "public", "--audience", "en", "--user", "user-0", f"note={HOSTILE[0]}")
        self.assertEqual(said["answers"][0]["text"], by_router["text"])


if __name__ == "__main__":
    unittest.main()
