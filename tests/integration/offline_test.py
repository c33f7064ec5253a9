"""What needs no router: help, lint, drawings, completion, kinds, wrong usage, an address where nobody is."""

import json
import pathlib
import re
import subprocess
import unittest

import harness

ROOT = harness.HERE.parent.parent
SHOP = harness.HERE / "graphs/shop.yaml"
COMMANDS = "up run submit watch get list cancel status apply lint graph journal models kinds completion version".split()


class Offline(harness.Case):
    def test_every_command_explains_itself(self):
        top = self.troupe("--help").stdout
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", top)
            self.troupe(command, "--help")
        self.assertIn("Exit codes:", top)
        for command in ("up", "run", "submit", "watch", "get", "list", "cancel", "status", "apply", "lint", "graph", "journal",
                        "models"):
            self.assertRegex(self.troupe(command, "--help").stdout, "Examples?:", command)

    def test_wrong_usage_is_exit_code_2_and_says_how(self):
        for arguments in ([], ["no-such-command"], ["run"], ["journal"], ["list", "--state", "sleeping"],
                          ["list", "--limit", "many"], ["run", "g", "--timeout", "-1"]):
            error = self.troupe(*arguments, code=2).stderr
            self.assertRegex(error, r"^troupe: error: .*--help' shows how it is used\n$")

    def test_a_router_that_is_not_there_is_exit_code_3_and_says_how_to_start_one(self):
        for arguments in (["list"], ["status"], ["run", "shop", "hello"], ["submit", "shop", "hello"], ["watch", "x"], ["get", "x"],
                          ["cancel", "x"], ["list", "--router", "127.0.0.1:1"]):
            error = self.troupe(*arguments, code=3).stderr
            self.assertIn("troupe up GRAPH.yaml", error, arguments)

    def test_lint_names_file_line_and_column_of_all_errors(self):
        bad = self.folder / "bad.yaml"
        bad.write_text(SHOP.read_text().replace("agent: writer", "agent: writr").replace("limits:", "limitz:"))
        out = self.troupe("lint", bad, code=2).stdout
        self.assertRegex(out, r"bad\.yaml:\d+:\d+: error: .*limitz")
        self.assertRegex(out, r"bad\.yaml:\d+:\d+: error: .*writr")
        findings = self.json("lint", bad, code=2)[0]["findings"]
        self.assertGreaterEqual(len(findings), 2)
        self.assertTrue(all(finding["line"] > 0 for finding in findings))
        self.troupe("up", bad, code=2)
        self.troupe("graph", bad, code=2)
        self.troupe("lint", self.folder / "none.yaml", code=2)

    def test_lint_of_a_good_graph_says_what_a_task_takes_at_most(self):
        self.assertRegex(self.troupe("lint", SHOP).stdout, r"shop\.yaml: ok; a task takes at most \d+ calls")
        self.assertTrue(self.json("lint", SHOP)[0]["ok"])

    def test_pictures(self):
        picture = self.folder / "shop.svg"
        self.troupe("graph", SHOP, "--format", "svg", "-o", picture)
        self.assertIn("<svg", picture.read_text())
        self.assertIn("digraph", self.troupe("graph", SHOP, "--format", "dot").stdout)
        self.assertIn("flowchart", self.troupe("graph", SHOP, "--format", "mermaid").stdout)

    def test_completion_scripts_are_accepted_by_their_shell(self):
        script = self.troupe("completion", "bash").stdout
        probe = script + '\nCOMP_WORDS=(troupe ca); COMP_CWORD=1; _troupe; echo "${COMPREPLY[@]}"\n'
        probe += 'COMP_WORDS=(troupe run --time); COMP_CWORD=2; _troupe; echo "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "--norc", "-c", probe], capture_output=True, text=True)
        self.assertEqual(done.stdout.splitlines(), ["cancel cache", "--timeout --timeline"], done.stderr)
        for shell in ("zsh", "fish"):
            self.assertIn("watch", self.troupe("completion", shell).stdout)
        self.troupe("completion", "powershell", code=2)

    def test_version_and_kinds(self):
        self.assertRegex(self.troupe("version").stdout, r"^troupe \d+\.\d+\.\d+\n$")
        kinds = self.json("kinds")
        self.assertLessEqual({"scripted", "generate", "embed"}, {kind["name"] for kind in kinds})

    def test_a_gpu_pin_without_that_gpu_is_refused_unless_relaxed(self):
        graph = self.folder / "pinned.yaml"
        graph.write_text(SHOP.read_text().replace("  agents:\n", "  pools:\n    small: {gpu: [NVIDIA-L4-IMAGINED]}\n  agents:\n")
                         .replace("kind: scripted\n", "kind: scripted\n      pool: small\n"))
        error = self.troupe("up", graph, code=2).stderr
        self.assertIn("NVIDIA-L4-IMAGINED", error)
        self.assertIn("--relax-pins", error)
        with self.up(graph, "--relax-pins") as process:
            self.assertIn("NVIDIA-L4-IMAGINED", process.stdout_text())
            self.assertIn("NVIDIA-L4-IMAGINED", self.troupe("status").stdout)

    def test_a_run_folder_open_to_others_is_refused(self):
        run_folder = self.folder / f"troupe-{harness.os.geteuid()}"
        run_folder.mkdir(mode=0o755)
        run_folder.chmod(0o755)
        self.assertIn("yours alone", self.troupe("up", SHOP, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
