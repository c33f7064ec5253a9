"""Content made ahead: the command, the HTTP side, the browser module and nginx at the edge, all real."""

import functools
import http.server
import json
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import unittest

import edges
import harness
from content_case import ROOT, SET, SLOTS, ContentCase, allow_open_files
from harness import eventually

# what a value may try; each is refused or written so that it stays a value, the same way everywhere
HOSTILE = ["<script>alert(1)</script>", "\"'><img src=x onerror=f()>", "{{first_name}}", "a\x00b", "a\x1b[31m", "a\r\nSet-Cookie: x=y",
           "\u202egpj.exe", "\u2066a\u2069", "\u200b", "\ufeff", "a\u2028b", "\U000e0041", "%0d%0a", "&lt;", "javascript:f()", "é" * 20,
           "x" * 21, "👩‍💻", "אברהם", "", " ", "\\u003c", "${f}", "a&b=c#d?e+f"]


class Files(http.server.SimpleHTTPRequestHandler):
    """A folder as a bucket would show it."""

    def log_message(self, *_):
        pass


class Content(edges.Edges, ContentCase):
    def wishes(self):
        chance = random.Random(20261129)
        wishes = [{"audience": audience, "user": f"user-{i}", "slots": SLOTS}
                  for i in range(40) for audience in ("new.en", "loyal.en", "loyal.de")]
        for value in HOSTILE:
            for slot in ("first_name", "code", "amount", "until", "shop"):
                wishes.append({"audience": "new.en", "user": str(chance.random()), "slots": {**SLOTS, slot: value}})
        for url in ("https://shop.example/a?b=c&d", "https://evil.example/", "https://shop.example@evil.example/", "//shop.example"):
            wishes.append({"audience": "new.en", "user": url, "slots": {**SLOTS, "shop": url}})
        wishes.append({"audience": "new.en", "user": "", "slots": {"amount": "1"}})
        for name in ("nobody", "constructor", "__proto__"):
            wishes.append({"audience": "new.en", "user": "Zoë", "slots": {**SLOTS, name: "1"}})
        for value in (None, [], ["Ann"], {}, {"Ann": 1}, True, 12):
            wishes.append({"audience": "new.en", "user": "Zoë", "slots": {**SLOTS, "code": value}})
        wishes.append({"audience": "new.en", "user": None, "slots": SLOTS})
        return wishes

    def odd_bodies(self):
        """What no client should ask, as bytes; most is refused."""
        good = {"set": "birthday", "audience": "new.en", "user": "u", "slots": SLOTS}
        bodies = [{**good, key: value} for key in good for value in (None, "", [], {}, 1, True)]
        bodies += [{**good, key: "x"} for key in ("constructor", "__proto__", "toString", "hasOwnProperty", "nobody")]
        bodies += [{**good, "user": "é" * 256}, {**good, "user": "é" * 257}, {**good, "set": "constructor"}]
        bodies += [{key: value for key, value in good.items() if key != left_out} for left_out in good]
        return [json.dumps(body) for body in [*bodies, [], None, "text", 1]] + ["", "{", "{}"]

    def test_the_command_lints_publishes_fills_and_goes_back(self):
        self.assertRegex(self.troupe("content", "lint", SET).stdout, r"birthday.yaml: ok; 3 audiences, 6 texts wanted, 4 accepted")
        bad = ROOT / "tests/unit/content/bad/keys.yaml"
        self.assertRegex(self.troupe("content", "lint", bad, code=2).stdout, r"keys\.yaml:5:3: error: unknown key 'outputs'")
        first = self.publish()
        self.assertEqual(first["audiences"], 3)
        self.assertEqual(self.publish()["written"], 0)
        slots = [f"{name}={value}" for name, value in SLOTS.items()]
        arguments = ["--audience", "loyal.de", "--user", "u", *slots]
        from_file = self.troupe("content", "fill", SET, *arguments).stdout
        self.assertIn("Wir schenken dir 1.250,50\u00a0€", from_file)
        self.assertEqual(self.troupe("content", "fill", self.folder / "public", *arguments).stdout, from_file)
        self.assertIn("slot 'amount'", self.troupe("content", "fill", SET, *arguments[:4], "amount=much", "until=2026-12-24", code=2).stderr)
        copy = self.folder / "copy"
        shutil.copytree(SET.parent, copy)
        texts = copy / "birthday.texts.yaml"
        texts.write_text(texts.read_text().replace("All the best", "Only the best"))
        second = self.publish(copy / "birthday.yaml")
        self.assertEqual(second["before"], first["version"])
        self.assertEqual(self.json("content", "rollback", self.folder / "public", "birthday")["version"], first["version"])
        versions = self.json("content", "versions", self.folder / "public", "birthday")
        self.assertEqual([entry["version"] for entry in versions], [first["version"], second["version"]])
        self.troupe("content", "rollback", self.folder / "public", "birthday", "0123456789abcdef", code=4)
        self.troupe("content", "serve", self.folder / "nowhere", code=4)

    def test_serves_drains_and_counts(self):
        self.publish()
        server = self.serve()
        status, text, headers = self.fill(server.port)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("€1,250.50", text)
        answer, manifest = self.get(server.port, "/v1/content/birthday/manifests/new.en.json")
        again, _ = self.get(server.port, "/v1/content/birthday/manifests/new.en.json", headers={"If-None-Match": answer.getheader("ETag")})
        self.assertEqual(again.status, 304)
        for variant in json.loads(manifest)["variants"]:
            answer, body = self.get(server.port, f"/v1/content/birthday/objects/{variant['object']}.json")
            self.assertEqual(json.loads(body)["id"], variant["id"])
        _, uses = self.get(server.port, "/v1/uses")
        self.assertEqual(sum(entry["uses"] for entry in json.loads(uses)["uses"]), 1)
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(30), 0)

    def test_serving_few_leaves_the_limit_of_open_files_as_it_is(self):
        self.publish()
        server = self.serve("--max-connections", "10")
        limits = pathlib.Path(f"/proc/{server.pid}/limits").read_text()
        soft = re.search(r"Max open files +(\d+)", limits)[1]
        self.assertEqual(int(soft), resource.getrlimit(resource.RLIMIT_NOFILE)[0])

    def test_ten_thousand_idle_connections_do_not_keep_others_from_being_served(self):
        if not allow_open_files(10_500):
            self.skipTest("needs 10,500 open files, the system allows fewer (ulimit -Hn)")
        self.publish()
        server = self.serve()
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10_000)]
        for connection in idle:
            self.addCleanup(connection.close)
        for i in range(200):
            self.assertEqual(self.fill(server.port, user=str(i))[0], 200)
        # they are still served themselves
        for connection in idle[::500]:
            connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200 "))
        pages = int(pathlib.Path(f"/proc/{server.pid}/statm").read_text().split()[1])
        print(f"10,000 idle connections: {pages * resource.getpagesize() >> 20} MiB resident")
        self.assertLess(pages * resource.getpagesize(), 200 << 20)

    @unittest.skipUnless(shutil.which("node"), "node is not here (apt-get install nodejs)")
    def test_the_browser_module_gives_what_the_router_gives(self):
        self.publish()
        server = self.serve()
        files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=self.folder / "public"))
        self.addCleanup(files.server_close)
        self.addCleanup(files.shutdown)
        threading.Thread(target=files.serve_forever, daemon=True).start()
        wishes = self.wishes()
        vectors = json.loads((ROOT / "tests/unit/content/pick_vectors.json").read_text())
        # node takes .js for CommonJS where no package.json says otherwise
        module = self.folder / "troupe-content.mjs"
        shutil.copy(ROOT / "deploy/content/troupe-content.js", module)
        for source, base in (("text", f"http://127.0.0.1:{server.port}/v1/content/birthday"),
                             ("textOfBucket", f"http://127.0.0.1:{files.server_port}/birthday")):
            question = {"module": str(module), "from": source, "base": base, "wishes": wishes, "vectors": vectors}
            done = subprocess.run(["node", harness.HERE / "content/fill.mjs"], input=json.dumps(question), capture_output=True,
                                  text=True, timeout=harness.LIMIT_S)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.compare(wishes, json.loads(done.stdout), server.port)

    def compare(self, wishes, answers, port):
        """Every wish is filled in alike or refused by both, for the same slot."""
        filled = 0
        for wish, answer in zip(wishes, answers, strict=True):
            status, text, _ = self.fill(port, wish["audience"], wish["user"], wish["slots"])
            if status == 200:
                self.assertEqual(answer.get("text"), text, wish)
                filled += 1
            else:
                self.assertEqual(status, 400)
                named = re.search(r"slot '\w+'|'user'", json.loads(text)["error"]["message"])[0]
                self.assertIn(named, answer.get("error", answer.get("text")), wish)
        self.assertGreater(filled, 120)
        self.assertLess(filled, len(wishes))

    @unittest.skipUnless(edges.HAS_NGINX, edges.NO_NGINX)
    def test_nginx_fills_at_the_edge_and_goes_on_without_its_origin(self):
        self.publish()
        server = self.serve("--max-age", "1")
        edge = self.folder / "edge"
        port = self.nginx(f"http://127.0.0.1:{server.port}")
        wishes = self.wishes()
        answers = []
        for wish in wishes:
            status, text, _ = self.fill(port, wish["audience"], wish["user"], wish["slots"])
            self.assertIn(status, (200, 400), text)
            answers.append({"text": text} if status == 200 else {"error": json.loads(text)["error"]["message"]})
        self.compare(wishes, answers, server.port)
        self.assertEqual(self.fill(port, "nobody")[0], 404)
        self.assertEqual(self.fill(port, "../../x")[0], 404)
        for body in self.odd_bodies():
            asked = [self.get(at, "/v1/fill", "POST", body, {"Content-Type": "application/json"}) for at in (server.port, port)]
            (router, said), (edge_answer, _) = asked
            self.assertEqual(edge_answer.status, router.status, (body, said))
        self.assertEqual(self.get(port, "/_troupe_cache/v1/content/birthday/manifests/new.en.json")[0].status, 404)
        # when the origin dies, all that was asked for once goes on, when it is stale too
        manifest = "/v1/content/birthday/manifests/new.en.json"
        self.assertEqual(self.get(port, manifest)[0].status, 200)
        server.kill()
        server.wait()
        eventually(lambda: self.get(port, manifest)[0].getheader("X-Cache") in ("STALE", "UPDATING"), "the manifest is stale")
        used = 0
        for wish, answer in zip(wishes, answers, strict=True):
            status, text, _ = self.fill(port, wish["audience"], wish["user"], wish["slots"])
            if "text" in answer:
                self.assertEqual((status, text), (200, answer["text"]))
                used += 1
        # before the origin's death, and after it
        eventually(lambda: len((edge / "uses.log").read_text().splitlines()) >= 2 * used, "all uses are counted")


if __name__ == "__main__":
    unittest.main()
