"""Agents that share the cards of a machine, through the real binaries. A stand-in for NVIDIA's library shows the cards."""

import json
import os
import pathlib
import subprocess
import unittest

import harness

CARDS = harness.HERE / "graphs/cards.yaml"
FAKE = harness.BIN.parent / "tests/fake_nvml"
MODELS = pathlib.Path(os.environ.get("TROUPE_CACHE", pathlib.Path.home() / ".cache/troupe")) / "models"


class Cards(harness.Case):
    def setUp(self):
        super().setUp()
        self.assertTrue((FAKE / "libnvidia-ml.so.1").exists(), f"build target fake_nvml: nothing in {FAKE}")
        self.environment["LD_LIBRARY_PATH"] = f"{FAKE}:{self.environment.get('LD_LIBRARY_PATH', '')}"
        self.environment.pop("CUDA_VISIBLE_DEVICES", None)

    def cards(self, cards):
        self.environment["TROUPE_FAKE_GPUS"] = cards

    def graph(self, *changes):
        """The graph with texts in it replaced."""
        text = CARDS.read_text()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.folder / "cards.yaml"
        path.write_text(text)
        return path

    def flags(self):
        """What each process was started with beside what all are: ("--gpu", "--memory")."""
        found = {}
        for name, pid in self.processes().items():
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            found[name] = tuple(line[line.index(flag) + 1] if flag in line else "" for flag in ("--gpu", "--memory"))
        return found

    def agent(self, spec, *flags):
        """Runs an agent that does not come to serve: its exit code and what it says."""
        path = self.folder / "spec.json"
        path.write_text(json.dumps(spec))
        command = [harness.BIN / "troupe-agent", "serve", "--spec", path, "--listen", f"unix:{self.folder}/a", *flags]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=harness.LIMIT_S)
        return done.returncode, done.stderr

    def test_two_agents_share_each_of_two_cards(self):
        self.cards("NVIDIA L4:24,NVIDIA L4:24")
        with self.up(CARDS) as process:
            self.assertEqual(self.flags(), {
                "router": ("", ""),
                "cards.clerk-0": ("0", "40%"), "cards.clerk-1": ("1", "40%"),
                "cards.reader-0": ("", ""),
                "cards.writer-0": ("0", "60%"), "cards.writer-1": ("1", "60%"),
            })
            self.assertIn("NVIDIA-L4 number 1 (24.0 GiB): cards.clerk-1 40%, cards.writer-1 60%", process.stderr_text())
            self.assertIn("NVIDIA-L4", self.troupe("status").stdout)
            output = self.json("run", "cards", "--field", "text=hello")["task"]["output"]
            self.assertEqual(output, "hello")

    def test_what_does_not_fit_or_is_not_here_is_said_before_anything_starts(self):
        self.cards("NVIDIA L4:24")
        said = self.troupe("up", CARDS, code=2).stderr
        self.assertIn("cards.writer-1 is granted 60% of a card, but of what it may stand on is left: "
                      "NVIDIA-L4 (number 0) 40%; grant the agents less memory", said)
        self.cards("NVIDIA H200:141")
        said = self.troupe("up", CARDS, code=2).stderr
        self.assertIn("agent clerk of graph cards is pinned to NVIDIA-L4, this machine has NVIDIA-H200", said)
        self.assertEqual(list(self.folder.glob("**/*.log")), [], "something was started")

    def test_only_cards_that_are_visible_count_and_are_numbered_as_they_are(self):
        self.cards("NVIDIA H200:141,NVIDIA L4:24,NVIDIA L4:24")
        self.environment["CUDA_VISIBLE_DEVICES"] = "2"
        graph = self.graph(("replicas: {min: 2}, ", ""))
        with self.up(graph):
            self.assertEqual(self.flags()["cards.writer-0"], ("0", "60%"))
        self.environment["CUDA_VISIBLE_DEVICES"] = "0"
        self.troupe("up", graph, code=2)

    def test_relaxed_pins_take_what_is_here_and_leave_the_cards_of_others_alone(self):
        self.cards("NVIDIA L4:24")
        with self.up(CARDS, "--relax-pins"):
            flags = self.flags()
            self.assertEqual(flags["cards.writer-0"], ("0", "60%"))
            self.assertEqual(flags["cards.writer-1"], ("none", ""))
            self.assertEqual(sorted(value for name, value in flags.items() if "clerk" in name),
                             [("0", "40%"), ("none", "")])
        self.cards("")
        with self.up(CARDS, "--relax-pins"):
            self.assertEqual(set(self.flags().values()), {("", "")})

    def test_an_agent_takes_its_card_or_says_why_not(self):
        self.cards("NVIDIA L4:24,NVIDIA L4:24")
        spec = {"agent": "a", "kind": "scripted", "pin": {"gpus": ["NVIDIA-L4"]}}
        code, said = self.agent(spec, "--gpu", "2")
        self.assertEqual(code, 3, said)
        self.assertIn("there is no GPU number 2; the machine has", said)
        code, said = self.agent({**spec, "pin": {"gpus": ["NVIDIA-H200"]}}, "--gpu", "1")
        self.assertEqual(code, 3, said)
        self.assertIn("pinned to NVIDIA-H200", said)
        code, said = self.agent(spec, "--gpu", "1", "--memory", "30GiB")
        self.assertEqual(code, 3, said)
        self.assertIn("granted is 30GiB of the memory of NVIDIA-L4, which has 24.0 GiB", said)
        code, said = self.agent(spec, "--memory", "6GB")
        self.assertEqual(code, 2, said)
        self.assertIn("did you mean '6GiB'?", said)
        code, said = self.agent(spec, "--gpu", "first")
        self.assertEqual(code, 2, said)

    @unittest.skipUnless((MODELS / "all-minilm-l6-v2").exists(), f"no models in {MODELS}: run deploy/install")
    def test_a_model_that_does_not_fit_its_share_is_refused_on_the_cpu_too(self):
        self.cards("")
        spec = {"agent": "a", "kind": "embed", "modelPath": str(MODELS / "all-minilm-l6-v2"),
                "pin": {"memoryBytes": 64 << 20}}
        code, said = self.agent(spec)
        self.assertEqual(code, 3, said)
        self.assertRegex(said, r"the model needs \d+ MiB \(weights 87 MiB.*granted are 64 MiB of cpu")


if __name__ == "__main__":
    unittest.main()
