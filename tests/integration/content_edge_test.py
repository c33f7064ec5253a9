"""Published content behind real nginx and real Varnish: what they ask of their origin, counted where it is asked."""

import collections
import http.client
import http.server
import json
import shutil
import socket
import threading
import unittest

import edges
from content_case import SET, SLOTS, ContentCase, allow_open_files
from harness import eventually

MANIFEST = "/v1/content/birthday/manifests/new.en.json"
FORMS = ("br, gzip", "gzip", "identity")
CLIENTS = 1000


class CountingOrigin:
    """Stands between an edge and `troupe content serve`, counts what comes by path, and holds answers back when told to."""

    def __init__(self, port):
        self.port = port
        self.asked = collections.Counter()
        self.counting = threading.Lock()
        # whether what is stale may be given out for a while, as `serve` has it
        self.lets_stale = True
        self.open = threading.Event()
        self.open.set()
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                origin.forward(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            # where an edge does not hold them back, all of its clients come here
            request_queue_size = CLIENTS
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def forward(self, asked):
        # a probe of its health asks for no content
        if asked.path != "/v1/health":
            with self.counting:
                self.asked[asked.path] += 1
            self.open.wait(60)
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(asked.command, asked.path, body or None, dict(asked.headers))
        answer = connection.getresponse()
        text = answer.read()
        asked.send_response_only(answer.status)
        for name, value in answer.getheaders():
            asked.send_header(name, value if self.lets_stale else value.replace(", stale-while-revalidate=86400", ""))
        asked.end_headers()
        asked.wfile.write(text)
        connection.close()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class EdgeTests:
    """What holds of every edge; `edge` starts it in front of an origin and gives its port."""

    def behind(self, max_age_s):
        # before the edge starts, which has as many as this process
        if not allow_open_files(2 * CLIENTS + 500):
            self.skipTest(f"needs {2 * CLIENTS + 500} open files, the system allows fewer (ulimit -Hn)")
        self.publish()
        server = self.serve("--max-age", str(max_age_s))
        self.direct = server.port
        self.origin = CountingOrigin(server.port)
        self.addCleanup(self.origin.kill)
        return self.edge(self.origin.address)

    def texts(self, port):
        _, manifest = self.get(port, MANIFEST)
        return [f"/v1/content/birthday/objects/{variant['object']}.json" for variant in json.loads(manifest)["variants"]]

    def warm(self, port):
        """All that the audience may be given, in every form that there is."""
        paths = [MANIFEST, *self.texts(port)]
        for path in paths:
            for form in FORMS:
                answer, _ = self.get(port, path, headers={"Accept-Encoding": form})
                self.assertEqual(answer.status, 200)
        return paths

    def test_what_is_kept_reaches_no_origin_however_it_is_asked_for(self):
        port = self.behind(max_age_s=3600)
        paths = self.warm(port)
        self.origin.asked.clear()
        for path in paths:
            for form in ("gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip;q=1", "deflate", "br;q=0"):
                for more in ({}, {"Cookie": "a=b"}, {"Range": "bytes=0-3"}, {"Cache-Control": "no-cache"}, {"Host": "other.example"}):
                    answer, _ = self.get(port, path + "?x=1", headers={"Accept-Encoding": form, **more})
                    self.assertIn(answer.status, (200, 206))
                    self.assertEqual(answer.getheader("X-Cache"), "HIT")
                    self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), "*")
                    encoding = answer.getheader("Content-Encoding")
                    self.assertTrue(encoding is None or (encoding in form and form != "br;q=0"), (form, encoding))
            self.assertEqual(self.get(port, path, "HEAD")[0].status, 200)
        self.assertEqual(dict(self.origin.asked), {})

    def test_goes_on_while_the_origin_is_dead(self):
        port = self.behind(max_age_s=1)
        # as if the day were over
        self.origin.lets_stale = False
        paths = self.warm(port)
        before = {path: self.get(port, path)[1] for path in paths}
        self.origin.kill()
        eventually(lambda: self.get(port, MANIFEST)[0].getheader("X-Cache") in ("STALE", "UPDATING"), "the manifest is stale")
        for _ in range(20):
            for path in paths:
                answer, body = self.get(port, path)
                self.assertEqual((answer.status, body), (200, before[path]))
        self.assertGreaterEqual(self.get(port, MANIFEST.replace("new.en", "loyal.en"))[0].status, 500)

    def test_a_purge_takes_effect_at_once_and_only_from_allowed_addresses(self):
        port = self.behind(max_age_s=3600)
        self.warm(port)
        old = self.get(port, MANIFEST)[1]
        copy = self.folder / "copy"
        shutil.copytree(SET.parent, copy)
        texts = copy / "birthday.texts.yaml"
        texts.write_text(texts.read_text().replace("All the best", "Only the best"))
        self.publish(copy / "birthday.yaml")
        new = eventually(lambda: next(iter({self.get(self.direct, MANIFEST)[1]} - {old}), None), "the origin has the new version")
        self.assertEqual(self.get(port, MANIFEST)[1], old)
        stranger = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=("127.0.0.2", 0))
        stranger.request("PURGE", MANIFEST)
        self.assertEqual(stranger.getresponse().status, 403)
        stranger.close()
        self.assertEqual(self.get(port, MANIFEST, "PURGE", headers={"X-Forwarded-For": "203.0.113.9"})[0].status, 403)
        self.assertEqual(self.get(port, MANIFEST)[1], old)
        self.assertEqual(self.get(port, MANIFEST, "PURGE")[0].status, 200)
        for form in FORMS:
            answer, body = self.get(port, MANIFEST, headers={"Accept-Encoding": form})
            self.assertEqual(answer.getheader("X-Cache"), "MISS" if form == "br, gzip" or self.keeps_forms else "HIT")
            if not answer.getheader("Content-Encoding"):
                self.assertEqual(body, new)
        # what was never there is no error
        self.assertEqual(self.get(port, MANIFEST + "x", "PURGE")[0].status, 200)

    def stampede(self, port, request):
        """A thousand clients that ask at once; the origin answers nobody before the last has asked. What it was asked."""
        self.origin.asked.clear()
        self.origin.open.clear()
        clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(CLIENTS)]
        for number, client in enumerate(clients):
            client.sendall(request(number))
        self.origin.open.set()
        answers = collections.Counter()
        for client in clients:
            with client.makefile("rb") as stream:
                answers[stream.read().split(b"\r\n")[0]] += 1
            client.close()
        self.assertEqual(dict(answers), {b"HTTP/1.1 200 OK": CLIENTS})
        return dict(self.origin.asked)

    def test_a_thousand_clients_of_one_cold_text_are_one_request(self):
        port = self.behind(max_age_s=3600)
        request = f"GET {MANIFEST} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n".encode()
        self.assertEqual(self.stampede(port, lambda _: request), {MANIFEST: 1})


@unittest.skipUnless(edges.HAS_NGINX, edges.NO_NGINX)
class Nginx(EdgeTests, edges.Edges, ContentCase):
    # a cache entry for each form
    keeps_forms = True

    def edge(self, origin, *more):
        return self.nginx(origin, *more)

    def test_fills_in_without_its_origin_after_a_restart_of_its_own_too(self):
        port = self.behind(max_age_s=1)
        users = [f"user-{i}" for i in range(40)]
        texts = {user: self.fill(self.direct, "new.en", user)[1] for user in users}
        self.assertGreater(len(set(texts.values())), 1)
        for user in users:
            self.assertEqual(self.fill(port, "new.en", user)[:2], (200, texts[user]))
        # a text or the manifest, each once, and once more where it was stale
        self.assertLessEqual(len(self.origin.asked), 3)
        self.origin.kill()
        for user in users:
            self.assertEqual(self.fill(port, "new.en", user)[:2], (200, texts[user]))
        self.restart_edge()
        for user in users:
            self.assertEqual(self.fill(port, "new.en", user)[:2], (200, texts[user]))

    def test_each_use_is_counted_by_set_audience_and_text_once(self):
        port = self.behind(max_age_s=3600)
        used = collections.Counter()
        for user in range(30):
            status, _, headers = self.fill(port, "new.en", str(user))
            self.assertEqual(status, 200)
            used[headers["Troupe-Text"]] += 1
        # refused, and so not used
        self.assertEqual(self.fill(port, "new.en", slots={**SLOTS, "amount": "much"})[0], 400)
        self.assertEqual(self.fill(port, "nobody")[0], 404)
        log = self.folder / "edge/uses.log"
        eventually(lambda: len(log.read_text().splitlines()) == 30, "all uses are in the log")
        with log.open("a") as file:
            file.write("no use\n2026-11-29T10:00:00+00:00 birthday new.en 0f3a9c2e51d7b840 still-being-writ")
        origin = self.folder / "origin.json"
        self.fill(self.direct, "loyal.de")
        origin.write_bytes(self.get(self.direct, "/v1/uses")[1])
        counted = self.json("content", "counts", log, origin)["uses"]
        expected = {("birthday", "new.en", text): uses for text, uses in used.items()} | {("birthday", "loyal.de", "loyal-de-1"): 1}
        found = {(entry["set"], entry["audience"], entry["text"]): entry["uses"] for entry in counted if entry["uses"]}
        self.assertEqual(found, expected)

    def test_a_thousand_fills_of_a_cold_audience_ask_for_each_file_once(self):
        port = self.behind(max_age_s=3600)

        def request(number):
            body = json.dumps({"set": "birthday", "audience": "new.en", "user": str(number), "slots": SLOTS})
            return (f"POST /v1/fill HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}").encode()

        asked = self.stampede(port, request)
        self.assertEqual(asked, {path: 1 for path in [MANIFEST, *self.texts(self.direct)]})

    def test_what_was_filled_in_once_is_filled_in_without_the_origin(self):
        port = self.behind(max_age_s=3600)
        for user in range(100):
            self.fill(port, "new.en", str(user))
        self.origin.asked.clear()
        for user in range(100):
            self.assertEqual(self.fill(port, "new.en", str(user))[0], 200)
        self.assertEqual(dict(self.origin.asked), {})

    def test_only_pages_that_are_allowed_may_read_answers(self):
        self.publish()
        server = self.serve("--origin", "https://shop.example")
        port = self.nginx(f"http://127.0.0.1:{server.port}", "--allow-origin", "https://shop.example")
        body = json.dumps({"set": "birthday", "audience": "new.en", "slots": SLOTS})
        for page, allowed in (("https://evil.example", None), ("https://shop.example", "https://shop.example"), ("https://evil.example", None)):
            headers = {"Origin": page, "Content-Type": "application/json"}
            self.assertEqual(self.get(port, MANIFEST, headers=headers)[0].getheader("Access-Control-Allow-Origin"), allowed)
            answer, _ = self.get(port, "/v1/fill", "POST", body, headers)
            self.assertEqual((answer.status, answer.getheader("Access-Control-Allow-Origin")), (200, allowed))


@unittest.skipUnless(edges.HAS_VARNISH, edges.NO_VARNISH)
class Varnish(EdgeTests, edges.Edges, ContentCase):
    # one entry, compressed, which is unpacked for who does not take that
    keeps_forms = False

    def edge(self, origin, *more):
        return self.varnish(origin, *more)

    def test_filling_in_goes_through_to_the_origin_each_time(self):
        port = self.behind(max_age_s=3600)
        for _ in range(2):
            self.assertEqual(self.fill(port)[:2], self.fill(self.direct)[:2])
        self.assertEqual(self.origin.asked["/v1/fill"], 2)

    def test_a_page_that_may_not_read_answers_takes_them_from_no_page_that_may(self):
        self.publish()
        server = self.serve("--origin", "https://shop.example")
        port = self.varnish(f"http://127.0.0.1:{server.port}")
        for page, allowed in (("https://evil.example", None), ("https://shop.example", "https://shop.example"), ("https://evil.example", None)):
            answer, _ = self.get(port, MANIFEST, headers={"Origin": page})
            self.assertEqual((answer.status, answer.getheader("Access-Control-Allow-Origin")), (200, allowed))

    def test_what_is_older_than_may_be_given_out_unasked_is_given_out_where_the_origin_fails(self):
        self.publish()
        server = self.serve("--max-age", "1")
        origin = CountingOrigin(server.port)
        self.addCleanup(origin.kill)
        # given a day, nothing is too old within a test; and the probe must not notice before a client does
        port = self.varnish(origin.address, change=lambda vcl: vcl.replace("req.grace = 24h", "req.grace = 0s").replace(
            ".interval = 2s", ".interval = 1h"))
        _, body = self.get(port, MANIFEST)
        # renewed before it is given out
        eventually(lambda: self.get(port, MANIFEST)[0].getheader("X-Cache") == "MISS", "the manifest is stale")
        origin.kill()
        eventually(lambda: self.get(port, MANIFEST)[0].getheader("X-Cache") == "STALE", "the manifest is stale again")
        answer, kept = self.get(port, MANIFEST)
        self.assertEqual((answer.status, kept), (200, body))


if __name__ == "__main__":
    unittest.main()
