"""Texts made ahead by a router, looked through by a person, and published: jobs that are killed, texts that fail, hostile writers."""

import json
import random
import shutil
import subprocess
import unittest

import harness

GRAPH = harness.HERE / "graphs/copywriter.yaml"
SET = harness.HERE / "content/greetings.yaml"
SEED = 20261129
KILLS = 20
# 25 variants for four audiences, and one more try for four of each
TEXTS = 100
CALLS = 116

# what a writer that keeps to no grammar may say; each is refused, whatever the output is
HOSTILE = ["{{ slots[0].mark }} <script>alert(1)</script> is here", "{{ slots[0].mark }} <b>bold</b> words",
           "{{ slots[0].mark }} {{ '{{' }} config {{ '}}' }} words", "{{ slots[0].mark }} {{ '{%' }} for x in y %} words",
           "{{ slots[0].mark }} {{ '{{second_name}}' }} words", "{{ slots[0].mark }} ${7*7} words", "{{ slots[0].mark }} \\x words",
           "{{ slots[0].mark }} a\x1b[31m words", "{{ slots[0].mark }} \u202egpj.exe words", "{{ slots[0].mark }} a\u200bb words",
           "{{ slots[0].mark }} and {{ slots[0].mark }} twice", "nobody at all", "refuse this"]


class ContentMake(harness.Case):
    def set_in(self, name, change=lambda yaml: yaml):
        folder = self.folder / name
        folder.mkdir()
        (folder / SET.name).write_text(change(SET.read_text()))
        return folder / SET.name

    def texts(self, file):
        return (file.parent / "greetings.texts.yaml").read_bytes()

    def calls(self):
        """How often the writer was called, over all tasks there are."""
        tasks = self.json("list", "--label", "content-set=greetings", "--limit", 1000)["tasks"]
        return sum(len(step["attempts"]) for task in tasks for step in self.task(task["task_id"])["steps"])

    def test_a_job_killed_again_and_again_ends_the_same_and_pays_for_nothing_twice(self):
        calm = self.set_in("calm")
        with self.up(GRAPH, "--data", self.folder / "data-calm"):
            made = self.json("content", "make", calm, "--parallel", 3)
            self.assertEqual((made["made"], made["again"], made["left"], made["unmade"]), (TEXTS, CALLS - TEXTS, 0, []))
            self.assertEqual(self.calls(), CALLS)
            # once more: nothing is left, and nobody is asked
            self.assertEqual(self.json("content", "make", calm)["wanted"], 0)
        wild = self.set_in("wild")
        chance = random.Random(SEED)
        with self.up(GRAPH, "--data", self.folder / "data-wild"):
            for kill in range(KILLS):
                job = self.start("content", "make", wild, "--parallel", 3)
                try:
                    job.wait(chance.uniform(0, 0.15))
                except subprocess.TimeoutExpired:
                    job.kill()
                    job.wait()
            begun = self.calls()
            end = self.json("content", "make", wild, "--parallel", 3)
            print(f"{KILLS} kills, seed {SEED}: {begun} of {CALLS} calls made by then, {end['wanted']} texts were not in the file")
            self.assertGreater(begun, 10)
            self.assertGreater(end["wanted"], 0, "all was done before the last kill: nothing is shown")
            self.assertEqual((end["left"], end["unmade"]), (0, []))
            self.assertEqual(self.texts(wild), self.texts(calm))
            self.assertEqual(self.calls(), CALLS)

    def test_ctrl_c_and_a_spent_budget_leave_what_is_left(self):
        file = self.set_in("set")
        with self.up(GRAPH, "--data", self.folder / "data"):
            job = self.start("content", "make", file, "--rate", "20/s", "--output", "json")
            harness.eventually(lambda: (file.parent / "greetings.texts.yaml").exists(), "the first texts are there")
            job.terminate()
            self.assertEqual(job.wait(harness.LIMIT_S), 130)
            stopped = json.loads(job.stdout_text())
            self.assertEqual(stopped["stopped"], "interrupted")
            self.assertGreater(stopped["left"], 0)
            rest = self.json("content", "make", file)
            self.assertEqual(rest["wanted"], TEXTS - stopped["made"])
            self.assertEqual(self.calls(), CALLS)

    def test_a_text_that_fails_is_asked_for_again_then_reported(self):
        file = self.set_in("set", lambda yaml: yaml.replace("and attempt == 1", "").replace("variants: 25", "variants: 6"))
        with self.up(GRAPH, "--data", self.folder / "data"):
            made = self.json("content", "make", file, "--retry", 2, code=1)
            self.assertEqual((made["made"], made["again"]), (20, 8))
            self.assertEqual([(one["audience"], one["number"], one["tries"]) for one in made["unmade"]],
                             [(audience, 6, 3) for audience in ("new.warm", "new.plain", "loyal.warm", "loyal.plain")])
            self.assertIn("banned word 'guaranteed'", made["unmade"][0]["problems"][0])
            self.assertNotIn(b"guaranteed", self.texts(file))
            # the same again costs nothing: the router has the answers
            before = self.calls()
            self.assertIn("loyal.plain, text 6: not made in 3 tries", self.troupe("content", "make", file, "--retry", 2, code=1).stderr)
            self.assertEqual(self.calls(), before)

    def test_hostile_writers_never_get_through(self):
        with self.up(GRAPH, "--data", self.folder / "data"):
            for output in ("text", "html", "json"):
                folder = self.folder / output
                folder.mkdir()
                file = folder / "greetings.yaml"
                for index, prompt in enumerate(HOSTILE):
                    spec = {"output": output, "slots": {"first_name": {"type": "name"}}, "checks": {"slots": {"first_name": "once"}},
                            "writer": {"graph": "copywriter", "prompt": f"{index} {prompt}"}, "texts": "greetings.texts.yaml"}
                    file.write_text(json.dumps({"apiVersion": "troupe.dev/v1", "kind": "ContentSet",
                                                "metadata": {"name": "greetings"}, "spec": spec}))
                    made = self.json("content", "make", file, "--retry", 0, code=1)
                    self.assertEqual((made["made"], len(made["unmade"])), (0, 1), prompt)
                    self.assertFalse((folder / "greetings.texts.yaml").exists(), prompt)

    def test_a_person_decides_and_only_what_was_accepted_is_published(self):
        file = self.set_in("set", lambda yaml: yaml.replace("variants: 25", "variants: 2"))
        public = self.folder / "public"
        with self.up(GRAPH, "--data", self.folder / "data"):
            self.troupe("content", "make", file)
            self.assertIn("has no accepted text", self.troupe("content", "publish", file, "--to", public, code=2).stderr)
            listed = self.troupe("content", "review", file).stdout
            self.assertIn("Dear Anna, number 1 of our warm words for new guests: here is €12.50.", listed)
            self.assertIn("greetings: 8 proposed, 0 accepted, 0 rejected", listed)
            self.environment["EDITOR"] = "sed -i s/Dear/Hello/"
            done = self.json("content", "review", file, "--by", "ann", "--note", "too loud", "--reject", "new-warm-1",
                             "--edit", "new-warm-2", "--accept", "new-plain-1", "--state", "all")
            by_id = {text["id"]: text for text in done["texts"]}
            self.assertEqual([by_id[text]["state"] for text in ("new-warm-1", "new-warm-2", "new-plain-1", "new-plain-2")],
                             ["rejected", "accepted", "accepted", "proposed"])
            self.assertTrue(by_id["new-warm-2"]["text"].startswith("Hello {{first_name}}"))
            self.assertEqual((by_id["new-warm-1"]["reviewer"], by_id["new-warm-1"]["note"]), ("ann", "too loud"))
            self.assertRegex(by_id["new-warm-1"]["reviewed"], r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$")
            # what was rejected is written anew
            self.assertEqual(self.json("content", "make", file)["made"], 1)
            self.environment["EDITOR"] = "sed -i s/{{first_name}}/you/"
            self.assertIn("lacks {{first_name}}", self.troupe("content", "review", file, "--edit", "loyal-warm-1", code=2).stderr)
            self.troupe("content", "review", file, "--all-passing", "--html", self.folder / "review.html")
            self.assertIn("<mark>Anna</mark>", (self.folder / "review.html").read_text())
        published = self.json("content", "publish", file, "--to", public)
        self.assertEqual(published["audiences"], 4)
        texts = b"".join(path.read_bytes() for path in public.rglob("objects/*.html"))
        self.assertIn(b"Hello {{first_name}}", texts)
        self.assertNotIn(b"number 1 of our warm words for new guests", texts)
        shutil.rmtree(public)


if __name__ == "__main__":
    unittest.main()
