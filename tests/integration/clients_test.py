"""Clients in three languages, as the README and router/client/client.h show them: their text is what runs here."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import harness

ROOT = harness.HERE.parent.parent
SHOP = harness.HERE / "graphs/shop.yaml"
SENTENCE = "one two three four five six seven eight nine ten"
CACHE = pathlib.Path(os.environ.get("TROUPE_CACHE", pathlib.Path.home() / ".cache/troupe"))


def blocks(language):
    """The README's code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)


class Clients(harness.Case):
    def run_client(self, command, graph=SHOP, message="please stream", **options):
        """The client against a router with a port; what it wrote."""
        with self.up(graph, "--listen", "127.0.0.1:0") as process:
            address = re.search(r"listening on (127\.0\.0\.1:\d+)", process.stdout_text()).group(1)
            return subprocess.run([*map(str, command), address, "shop", message], capture_output=True, text=True,
                                  timeout=harness.LIMIT_S, **options)

    def check_streamed(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        *streamed, answer = done.stdout.splitlines()
        self.assertEqual("".join(streamed), SENTENCE)
        self.assertEqual(json.loads(answer), {"text": SENTENCE})

    def shell(self, script, cwd, environment=None):
        """A README's commands; each must work."""
        done = subprocess.run(["bash", "-euc", script], cwd=cwd, capture_output=True, text=True, timeout=600,
                              env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}\n{done.stderr}")

    def test_cpp(self):
        example = harness.BIN.parent / "tests/client_example"
        done = self.run_client([example])
        self.assertEqual((done.returncode, done.stderr), (0, SENTENCE), done.stderr)
        self.assertEqual(json.loads(done.stdout), {"text": SENTENCE})
        failed = self.run_client([example], message="boom")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("cannot read that", failed.stderr)

    def test_cpp_does_not_notice_a_router_that_is_started_again(self):
        graph = self.folder / "shop.yaml"
        graph.write_text(SHOP.read_text().replace("delayMs: 20}", "delayMs: 200}"))
        with self.up(graph, "--listen", "127.0.0.1:0") as process:
            address = f"unix:{self.folder}/troupe-{os.geteuid()}/router.sock"
            client = subprocess.Popen([harness.BIN.parent / "tests/client_example", address, "shop", "please stream"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(client.kill)
            self.assertEqual(client.stderr.read(4), "one ")
            os.kill(self.processes()["router"], 9)
            out, err = client.communicate(timeout=harness.LIMIT_S)
            self.assertEqual((client.returncode, "one " + err), (0, SENTENCE))
            self.assertEqual(json.loads(out), {"text": SENTENCE})

    def python(self):
        """The environment of a program that has gRPC's packages and the stubs, by the README's commands."""
        commands = blocks("sh python")[0]
        install, generate = commands.strip().split("\n", 1)
        # what pip brings is kept between runs
        packages = CACHE / ("clients-python-" + hashlib.sha256((install + sys.version).encode()).hexdigest()[:12])
        if not packages.exists():
            part = packages.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            self.shell(install.replace("pip install", f"{sys.executable} -m pip install --quiet --target {part}"), self.folder)
            part.rename(packages)
        path = {"PYTHONPATH": f"{packages}:{self.folder}", "PATH": f"{packages}/bin:{os.environ['PATH']}"}
        self.shell(generate.replace("python ", f"{sys.executable} ").replace("../troupe", str(ROOT)), self.folder, path)
        return {**os.environ, **path}

    def test_python(self):
        environment = self.python()
        (self.folder / "client.py").write_text(blocks("python")[0])
        self.check_streamed(self.run_client([sys.executable, self.folder / "client.py"], env=environment))

    def test_python_has_a_text_filled_in(self):
        # given
        environment = self.python()
        content = ROOT / "tests/unit/content/good/birthday.yaml"
        public = self.folder / "public"
        version = self.json("content", "publish", content, "--to", public)["version"]
        program = self.folder / "fill.py"
        program.write_text(blocks("python fill")[0])
        # when
        with self.up(SHOP, "--listen", "127.0.0.1:0", "--content", public) as process:
            address = re.search(r"listening on (127\.0\.0\.1:\d+)", process.stdout_text()).group(1)
            done = subprocess.run([sys.executable, program, address], capture_output=True, text=True, timeout=harness.LIMIT_S, env=environment)
            program.write_text(program.read_text().replace('"12.50"', '"much"'))
            wrong = subprocess.run([sys.executable, program, address], capture_output=True, text=True, timeout=harness.LIMIT_S, env=environment)
        # then
        by_command = self.json("content", "fill", public, "--audience", "loyal.en", "--user", "u17", "first_name=Ann", "amount=12.50",
                               "until=2026-12-24")
        self.assertEqual(done.stdout.strip(), f"{by_command['variant']} {version} {by_command['text']}", done.stderr)
        self.assertIn("INVALID_ARGUMENT", wrong.stderr)
        self.assertIn("slot 'amount'", wrong.stderr)

    def test_go(self):
        if not shutil.which("go"):
            self.skipTest("Go is not installed")
        if not shutil.which("protoc"):
            self.skipTest("protoc is not installed")
        commands, program = blocks("sh go")[0], blocks("go")[0]
        (self.folder / "main.go").write_text(program)
        tools = CACHE / "clients-go"
        path = {"GOBIN": str(tools / "bin"), "GOPATH": str(tools), "GOFLAGS": "-modcacherw", "PATH": f"{tools}/bin:{os.environ['PATH']}"}
        self.shell(commands.replace("../troupe", str(ROOT)), self.folder, path)
        self.check_streamed(self.run_client([self.folder / "client"]))


if __name__ == "__main__":
    unittest.main()
