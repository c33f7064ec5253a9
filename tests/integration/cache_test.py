"""Answers that are kept, with the real router, agents and command: of steps, by meaning, and of whole graphs."""

import concurrent.futures
import json
import unittest

import harness

KEPT = harness.HERE / "graphs/kept.yaml"
MEANING = harness.HERE / "graphs/kept-meaning.yaml"
WHOLE = harness.HERE / "graphs/kept-whole.yaml"


class Cache(harness.Case):
    def ask(self, message, customer="ann"):
        """The finished task, by step."""
        task = self.json("run", "kept", "--field", f"message={message}", "--field", f"customer={customer}")
        self.assertEqual(task["task"]["state"], "done")
        return task, {step["path"]: step["attempts"][0]["site"] for step in task["steps"]}

    def tallies(self):
        return {(tally["graph"], tally["step"]): tally for tally in self.json("cache", "stats")["tallies"]}

    def test_a_step_is_answered_again_and_says_so(self):
        with self.up(KEPT):
            task, sites = self.ask("How can I change my password?")
            self.assertEqual(task["task"]["output"], "Dear ann: In the settings.")
            self.assertEqual(sites["answer"]["replica"], "writer-0")
            again, sites = self.ask("How can I change my password?")
            self.assertEqual(again["task"]["output"], task["task"]["output"])
            self.assertEqual(sites["answer"]["replica"], "cache")
            self.assertIn("kept answer, made", sites["answer"]["reason"])
            page = self.troupe("get", again["task"]["task_id"]).stdout
            self.assertIn("cache", page)
            self.assertIn("kept answer", page)
            # the same in other words, and the opposite in nearly the same
            _, sites = self.ask("How do I change my password?")
            self.assertEqual(sites["answer"]["replica"], "cache")
            self.assertIn("means the same", sites["answer"]["reason"])
            _, sites = self.ask("How do I not change my password?")
            self.assertEqual(sites["answer"]["replica"], "writer-0")
            self.assertEqual(self.tallies()["kept", "answer"]["exact"], 1)
            self.assertEqual(self.tallies()["kept", "answer"]["meaning"], 1)
            self.assertIn("answers kept", self.troupe("cache", "stats").stdout)

    def test_a_real_models_vectors_and_somebody_who_says_it_is_wrong(self):
        def ask(message):
            task = self.json("run", "kept-meaning", message)
            return task, task["steps"][0]["attempts"][0]["site"]["replica"]
        with self.up(MEANING):
            self.assertEqual(ask("How can I change my password?")[1], "writer-0")
            self.assertEqual(ask("Where is my parcel?")[1], "writer-0")
            given, replica = ask("How do I change my password?")
            self.assertEqual(replica, "cache")
            self.assertEqual(given["task"]["output"], "In the settings.")
            self.assertEqual(ask("How do I not change my password?")[1], "writer-0")
            task_id = given["task"]["task_id"]
            self.assertIn("1 answer wrong", self.troupe("cache", "judge", task_id, "wrong").stdout)
            self.assertIn("was given no answer by meaning", self.troupe("cache", "judge", task_id, "wrong", code=4).stderr)
            self.assertEqual(ask("How do I change my password?")[1], "writer-0")
            tally = self.tallies()["kept-meaning", "answer"]
            self.assertEqual((tally["meaning"], tally["checked"], tally["wrong"]), (1, 1, 1))

    def test_nobody_is_given_what_is_another_ones(self):
        with self.up(KEPT):
            self.ask("hello", "ann")
            task, sites = self.ask("hello", "bob")
            self.assertEqual(task["task"]["output"], "Dear bob: hello")
            self.assertEqual(sites["answer"]["replica"], "cache")
            self.assertEqual(sites["greet"]["replica"], "teller-0")

    def test_equal_tasks_at_once_make_one_call(self):
        with self.up(KEPT):
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                tasks = list(pool.map(lambda _: self.ask("this is slow"), range(8)))
            made = [sites["answer"]["replica"] for _, sites in tasks]
            self.assertEqual(made.count("writer-0"), 1, made)
            self.assertEqual(made.count("cache"), 7, made)

    def test_explain_and_purge(self):
        question = ["--field", "message=How can I change my password?", "--field", "customer=ann"]
        other = ["--field", "message=How do I not change my password?", "--field", "customer=ann"]
        with self.up(KEPT):
            miss = self.troupe("cache", "explain", "kept", "--step", "answer", *question).stdout
            self.assertIn("miss: no earlier question", miss)
            self.ask("How can I change my password?")
            hit = self.json("cache", "explain", "kept", "--step", "answer", *question)
            self.assertTrue(hit["hit"])
            near = self.troupe("cache", "explain", "kept", "--step", "answer", *other).stdout
            self.assertIn("the guard spoke against all 1", near)
            self.assertIn("How can I change my password?", near)
            self.troupe("cache", "purge", "kept", "--step", "answer")
            _, sites = self.ask("How can I change my password?")
            self.assertEqual(sites["answer"]["replica"], "writer-0")
            self.assertEqual(sites["greet"]["replica"], "cache")
            self.troupe("cache", "purge", "kept", "--step", "anser", code=4)

    def test_a_whole_graphs_answer_makes_no_task(self):
        questions = self.folder / "questions.jsonl"
        questions.write_text("".join(json.dumps({"message": f"question {i}"}) + "\n\n" for i in range(5)))
        with self.up(WHOLE):
            warmed = self.json("cache", "warm", "kept-whole", questions)
            self.assertEqual(warmed, {"made": 5, "kept_before": 0, "failed": 0})
            again = self.json("cache", "warm", "kept-whole", questions)
            self.assertEqual(again, {"made": 0, "kept_before": 5, "failed": 0})
            done = self.troupe("run", "kept-whole", "question 3")
            self.assertEqual(done.stdout.strip(), "question 3")
            self.assertIn("kept answer of kept-whole", done.stderr)
            self.assertEqual(self.json("run", "kept-whole", "question 4")["output"], {"text": "question 4"})
            self.assertEqual(len(self.json("list")["tasks"]), 5)
            questions.write_text("{}\n[]\n")
            self.assertIn(":2: must be a JSON object",
                          self.troupe("cache", "warm", "kept-whole", questions, code=2).stderr)

    def test_the_router_may_keep_nothing(self):
        with self.up(WHOLE, "--cache-memory", "0"):
            for _ in range(2):
                self.assertEqual(self.troupe("run", "kept-whole", "hello", "-q").stdout, "hello\n")
            self.assertEqual(len(self.json("list")["tasks"]), 2)
            self.assertIn("keeps no answers", self.troupe("cache", "stats").stdout)


if __name__ == "__main__":
    unittest.main()
