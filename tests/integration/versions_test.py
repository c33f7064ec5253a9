"""Versions of a graph: tried out on a share of new tasks, promoted, gone back from, by people and by the router."""

import unittest

import harness

SHOP = harness.HERE / "graphs/shop.yaml"
OUTPUT = 'output: {text: "{{ steps.write.text }}"}'


class Versions(harness.Case):
    def version(self, name, before=OUTPUT, after='output: {text: "v2"}'):
        """The shop with something else in it."""
        path = self.folder / f"{name}.yaml"
        self.assertIn(before, SHOP.read_text())
        path.write_text(SHOP.read_text().replace(before, after))
        return path

    def answers(self, count):
        return [self.troupe("run", "shop", "hello", "-q", "--request-id", f"r{i}").stdout.strip() for i in range(count)]

    def test_a_canary_is_promoted_and_gone_back_from(self):
        with self.up(SHOP):
            second = self.version("second")
            said = self.troupe("apply", second, "--canary", "50%").stdout
            self.assertRegex(said, r"^shop: version [0-9a-f]{12} on 50% of new tasks from now on\n$")
            self.assertIn("as before", self.troupe("apply", second, "--canary", "50%").stdout)
            answers = self.answers(24)
            self.assertEqual(set(answers), {"hello", "v2"})
            page = self.troupe("graphs", "shop").stdout
            self.assertIn(f"0 of {answers.count('v2')} failed, 0 of {answers.count('hello')} on the current version", page)
            self.assertIn("canary", self.troupe("graphs").stdout.lower())
            self.assertEqual(self.json("graphs", "shop")["canary"]["on_canary"]["ended"], answers.count("v2"))
            # a repeated request is the same task still
            self.assertEqual(self.answers(24), answers)
            self.troupe("promote", "shop", "--version", "00000000", code=2)
            self.assertIn("from now on, in place of", self.troupe("promote", "shop").stdout)
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "v2\n")
            self.troupe("promote", "shop", code=2)
            self.troupe("rollback", "shop", "--reason", "too short")
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "hello\n")
            self.assertIn("too short", self.troupe("graphs", "shop").stdout)
            self.troupe("rollback", "shop", code=2)
            self.troupe("rollback", "nobody", code=4)
            self.troupe("graphs", "nobody", code=4)
        # and all of it is there after a start
        with self.up(SHOP):
            roles = [version["role"] for version in self.json("graphs", "shop")["versions"]]
            self.assertEqual(sorted(roles), ["current", "retired"])
            self.assertIn("too short", self.troupe("graphs", "shop").stdout)

    def test_a_canary_that_fails_is_gone_back_from_by_the_router(self):
        with self.up(SHOP):
            broken = self.version("broken", 'input: {text: "{{ input.message }}"}', 'input: {text: "boom"}')
            self.troupe("apply", broken, "--canary", "50%", "--min-tasks", "3", "--margin", "10%")

            def gone_back():
                self.troupe_any("run", "shop", "hello", "-q")
                return "canary" not in self.json("graphs", "shop")

            harness.eventually(gone_back, "the router goes back")
            page = self.troupe("graphs", "shop").stdout
            self.assertRegex(page, r"was rolled back to [0-9a-f]{12} by the router: 3 of 3 tasks \(100%\) failed on it")
            for _ in range(5):
                self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "hello\n")

    def test_a_restart_undoes_nothing_and_a_changed_file_is_applied(self):
        path = self.version("mine", after=OUTPUT)
        with self.up(path):
            self.troupe("apply", self.version("second"))
        with self.up(path):
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "v2\n")
            self.assertIn("went on as it was", self.troupe("graphs", "shop").stdout)
        self.version("mine", after='output: {text: "v3"}')
        with self.up(path):
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "v3\n")

    def test_wrong_wishes_are_refused(self):
        self.assertIn("--canary: must be a whole number from 1% to 99%",
                      self.troupe("apply", SHOP, "--canary", "110%", code=2).stderr)
        self.assertIn("give --canary too", self.troupe("apply", SHOP, "--margin", "5%", code=2).stderr)
        self.troupe("graphs", code=3)

    def troupe_any(self, *arguments):
        """Runs the command, however it ends."""
        harness.subprocess.run([harness.BIN / "troupe", *arguments], env=self.environment, capture_output=True,
                               timeout=harness.LIMIT_S, check=False)


if __name__ == "__main__":
    unittest.main()
