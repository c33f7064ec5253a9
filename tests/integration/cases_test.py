"""`troupe test`: cases with stand-ins and with real agents, what is said of those that fail, and of wrong files."""

import json
import unittest
import xml.etree.ElementTree

import harness

SHOP = harness.HERE / "graphs/shop.yaml"
CASES = harness.HERE / "graphs/shop.test.yaml"


class Cases(harness.Case):
    def changed(self, before, after):
        """The cases with something else in them."""
        path = self.folder / "shop.test.yaml"
        text = CASES.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))
        return path

    def test_says_which_cases_hold_and_what_is_different_in_the_others(self):
        junit = self.folder / "shop.xml"
        done = self.troupe("test", SHOP, "--junit", junit, code=1)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^ok    right \(\d\.\d{3} s, 2 calls, 2 tokens\)$")
        self.assertRegex(lines[1], r"^FAIL  wrong \(")
        self.assertIn("shop.test.yaml:17:15: output text", lines[2])
        self.assertEqual(lines[3].split(), "expected: hello there".split())
        self.assertEqual(lines[4].split(), "got: something else".split())
        self.assertIn("at most 1", done.stdout)
        self.assertIn("no rule of agent 'writer' fits step write", done.stdout)
        self.assertRegex(lines[-2], r"^ok    with the scripted agents")
        self.assertEqual(lines[-1], "4 cases: 2 passed, 2 failed")
        suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "2"))
        failures = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
        self.assertIsNone(failures["right"])
        self.assertIn("something else", failures["wrong"].text)

    def test_a_case_decides_in_peoples_place(self):
        cases = self.folder / "refunds.test.yaml"
        cases.write_text("""apiVersion: troupe.dev/v1
kind: GraphTest
agents: {clerk: {text: 'order 3312'}}
cases:
  - name: approved
    input: {message: 'order 3312'}
    agents:
      clerk: [{when: {step: reply, contains: refunded by ann}, text: done}, {text: 'order 3312'}]
    decide: {sign_off: {approve: true, by: ann}}
    expect: {output: {at: text, equals: done}}
  - name: rejected
    input: {message: 'order 3312'}
    agents:
      clerk: [{when: {step: reply, contains: refused by troupe test}, text: sorry}, {text: 'order 3312'}]
    decide: {sign_off: {approve: false}}
    expect: {output: {at: text, equals: sorry}}
  - name: nobody decides
    input: {message: 'order 3312'}
""")
        done = self.troupe("test", harness.HERE / "graphs/refunds.yaml", "--cases", cases, code=1)
        self.assertEqual(done.stdout.splitlines()[-1], "3 cases: 2 passed, 1 failed")
        self.assertIn("write decide: {sign_off: {approve: true}}", done.stdout)

    def test_json_only_and_scripted_only(self):
        result = json.loads(self.troupe("test", SHOP, "--only", "^right$", "--output", "json").stdout)
        self.assertEqual((result["passed"], result["failed"]), (1, 0))
        self.assertEqual(result["cases"][0]["calls"], 2)
        done = self.troupe("test", SHOP, "--only", "right|scripted", "--scripted-only")
        self.assertIn("skip  with the scripted agents of the graph (needs real agents)", done.stdout)
        self.assertNotIn("starting", done.stderr)
        self.troupe("test", SHOP, "--only", "nothing is called that", code=2)

    def test_nothing_is_left_behind(self):
        self.troupe("test", SHOP, "--only", "right|scripted")
        self.assertEqual(harness.running_in(self.folder), [])
        run_folder = next(self.folder.glob("troupe-*"))
        self.assertEqual(list(run_folder.iterdir()), [])

    def test_wrong_cases_are_named_at_their_place(self):
        cases = self.changed("cost: {calls: 2", "cots: {calls: 2")
        self.assertIn(f"{cases}:12:7: error: unknown key 'cots' in 'expect'; did you mean 'cost'?",
                      self.troupe("test", SHOP, "--cases", cases, code=2).stderr)
        for before, after, expected in [
            ("run: [read, write]", "run: [raed, write]", "did you mean 'read'?"),
            ("{writer: {text: hello there", "{wirter: {text: hello there", "did you mean 'writer'?"),
            ("input: {message: hello}", "input: {mesage: hello}", "input.mesage: unknown field; did you mean 'message'?"),
            ('matches: "^one', 'matches: "(^one', "no regular expression"),
            ("at: text, matches", "at: 'text[', matches", "no JSON path"),
        ]:
            cases = self.changed(before, after)
            self.assertIn(expected, self.troupe("test", SHOP, "--cases", cases, code=2).stderr)
        self.troupe("test", SHOP, "--cases", self.folder / "none.yaml", code=4)


if __name__ == "__main__":
    unittest.main()
