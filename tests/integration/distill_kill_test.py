"""`troupe-agent distill`, killed at moments that are spread over its run, ends with the weights of a run that nobody
disturbed, and what was in the folder before is there until the new model takes its place.

  distill_kill_test.py --moments 20     as many moments for each kind of model, half of them while files are written
"""

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
import unittest

import harness
import tiny_models

MOMENTS = 4  # for each kind of model
SEED = 7


def digest(folder):
    """Of all files in it by name; nothing where it is not there."""
    if not folder.is_dir():
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


class Killed(harness.Case):
    def recipe(self, spec):
        (self.folder / "recipe.yaml").write_text(json.dumps({
            "apiVersion": "troupe.dev/v1", "kind": "DistillRecipe", "metadata": {"name": "killed"}, "spec": spec}))

    def start(self, out, *flags):
        command = [harness.BIN / "troupe-agent", "distill", self.folder / "recipe.yaml", out, *flags]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, out, *flags):
        process = self.start(out, *flags)
        said = process.communicate(timeout=harness.LIMIT_S)[1].decode()
        self.assertEqual(process.returncode, 0, said)

    def kill(self, process, is_moment):
        """False where it ended before."""
        while process.poll() is None:
            if is_moment():
                process.kill()
                break
        process.communicate()
        return process.returncode < 0

    def moments(self, out, lasts_s):
        """Named conditions, each to be made as its run begins, `sooner` where that one ended before: a part of the time,
        or the n-th file being written."""
        rng = random.Random(SEED)
        parts = [out.with_name("out.training") / "checkpoint.safetensors.part", out.with_name("out.part")]
        for i in range(MOMENTS):
            if i % 2 == 0:
                after_s = lasts_s * (i + rng.random()) / MOMENTS
                yield (f"after {after_s:.2f} of {lasts_s:.2f} s",
                       lambda sooner, after_s=after_s: self.after(after_s * 0.8**sooner))
            else:
                wanted = 1 + rng.randrange(self.writes)
                yield (f"writing the {wanted}. file",
                       lambda sooner, wanted=wanted: self.nth_write(parts, max(1, wanted - 3 * sooner)))

    def after(self, after_s):
        end = time.monotonic() + after_s
        return lambda: time.monotonic() >= end

    def nth_write(self, parts, wanted):
        seen = {"count": 0, "there": False}

        def is_moment():
            there = any(part.exists() for part in parts)
            seen["count"] += there and not seen["there"]
            seen["there"] = there
            return seen["count"] >= wanted

        return is_moment

    def check(self, spec, kept=()):
        """Kills runs of that spec; `kept` are files beside the training folder that a run goes on from."""
        self.recipe(spec)
        before = self.folder / "before"
        tiny_models.bert(before, seed=99)
        out, whole = self.folder / "out", self.folder / "whole"
        start = time.monotonic()
        self.finish(whole)
        lasts_s, old, new = time.monotonic() - start, digest(before), digest(whole)
        killed = 0
        for name, begin_moment in self.moments(out, lasts_s):
            with self.subTest(name):
                # when it is killed, then a whole model is there: the old one, or at the very end the new one
                for sooner in range(8):
                    for path in (out, self.folder / "out.training"):
                        shutil.rmtree(path, ignore_errors=True)
                    for path in kept:
                        path.unlink(missing_ok=True)
                    shutil.copytree(before, out)
                    was_killed = self.kill(self.start(out, "--force"), begin_moment(sooner))
                    self.assertIn(digest(out), (old, new))
                    if was_killed:
                        break
                killed += was_killed
                # and the same command again ends as if nothing had happened
                self.finish(out, "--force")
                self.assertEqual(digest(out), new)
                self.assertFalse((self.folder / "out.training").exists())
        print(f"killed at {killed} of {MOMENTS} moments of a run of {lasts_s:.1f} s", file=sys.stderr)
        self.assertEqual(killed, MOMENTS)

    def test_a_classifier(self):
        texts = self.folder / "texts.csv"
        rows = [f"{'ab'[i % 2]} {'cdefghij'[i % 8] * (1 + i % 5)},{'xy'[i % 2]}" for i in range(60)]
        texts.write_text("text,label\n" + "\n".join(rows) + "\n")
        self.writes = 20
        self.check({"model": str(tiny_models.bert(self.folder / "bert")),
                    "data": {"train": [str(texts)], "heldOut": 0.2},
                    "training": {"epochs": 20, "batch": 8, "rate": 1e-2}})

    def test_a_model_that_writes_taught_on_its_own_answers_and_its_teachers(self):
        prompts, answers = self.folder / "prompts.jsonl", self.folder / "answers.jsonl"
        prompts.write_text("".join(json.dumps({"prompt": chr(97 + i % 26) * (1 + i // 26)}) + "\n" for i in range(60)))
        teacher = tiny_models.llama(self.folder / "llama")
        self.writes = 8
        self.check({"task": "generate", "teacher": str(teacher), "student": {"layers": [1]},
                    "data": {"train": [str(prompts)], "answers": str(answers), "temperature": 1, "maxTokens": 40,
                             "stop": list("abcdefghijklmnop"), "heldOut": 0.2},
                    "loss": {"divergence": "jsd", "onPolicy": 0.3},
                    "training": {"epochs": 4, "batch": 4, "rate": 1e-2, "checkEvery": 6}}, kept=[answers])


if __name__ == "__main__":
    if "--moments" in sys.argv:
        at = sys.argv.index("--moments")
        MOMENTS = int(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    unittest.main()
