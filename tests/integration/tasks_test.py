"""Tasks through a real router and real agents: run, submit, watch, get, list, cancel; text and JSON; exit codes."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unittest
import uuid

import harness

SHOP = harness.HERE / "graphs/shop.yaml"


class Tasks(harness.Case):
    def test_run_prints_the_answer_on_stdout_and_plain_lines_on_stderr(self):
        with self.up(SHOP):
            done = self.troupe("run", "shop", "please stream")
            self.assertEqual(done.stdout.strip(), "one two three four five six seven eight nine ten")
            lines = done.stderr.splitlines()
            self.assertTrue(all(re.match(r"^ +\d+\.\d{3}s  ", line) for line in lines), done.stderr)
            self.assertIn("accepted by shop", lines[0])
            self.assertTrue(any("write | " in line for line in lines), done.stderr)
            self.assertIn("task done", lines[-1])
            self.assertNotIn("\x1b", done.stderr + done.stdout)
            self.assertEqual(self.troupe("run", "shop", "hello", "--quiet").stderr, "")
            self.assertEqual(self.troupe("run", "shop", "-", "-q", stdin="from stdin").stdout, "from stdin\n")

    def test_run_as_json_is_the_finished_task(self):
        with self.up(SHOP):
            timeline = self.folder / "task.svg"
            task = self.json("run", "shop", "--input", '{"message": "hello"}', "--timeline", timeline)
            self.assertEqual(task["task"]["state"], "done")
            self.assertEqual(task["task"]["output"], {"text": "hello"})
            self.assertEqual([step["path"] for step in task["steps"]], ["read", "write"])
            site = task["steps"][0]["attempts"][0]["site"]
            self.assertEqual(site["replica"], "reader-0")
            self.assertTrue(site["reason"])
            self.assertIn("</svg>", timeline.read_text())

    def test_submit_watch_get_list(self):
        with self.up(SHOP):
            task_id = self.troupe("submit", "shop", "please stream", "--label", "customer=42").stdout.strip()
            uuid.UUID(task_id)
            self.assertIn("ten", self.troupe("watch", task_id).stdout)
            records = [json.loads(line) for line in self.troupe("watch", task_id, "--output", "json").stdout.splitlines()]
            self.assertEqual([record["sequence"] for record in records], list(range(1, len(records) + 1)))
            streamed = "".join(record["event"]["step_progress"]["text"] for record in records
                               if "step_progress" in record["event"])
            self.assertTrue("one two three four five six seven eight nine ten".startswith(streamed.strip()), streamed)
            rest = self.troupe("watch", task_id, "--after", 2, "--output", "json").stdout.splitlines()
            self.assertEqual(json.loads(rest[0])["sequence"], 3)
            page = self.troupe("get", task_id).stdout
            for piece in (task_id, "done", "read", "reader-0", "because", "customer=42"):
                self.assertIn(piece, page)
            self.assertIn("please stream", self.troupe("get", task_id, "--prompts").stdout)
            listed = self.json("list", "--label", "customer=42")["tasks"]
            self.assertEqual([task["task_id"] for task in listed], [task_id])
            self.assertEqual(self.json("list", "--label", "customer=43")["tasks"], [])
            self.assertIn(task_id, self.troupe("list", "--state", "done").stdout)
            self.troupe("get", str(uuid.uuid4()), code=4)
            self.troupe("watch", str(uuid.uuid4()), code=4)

    def test_a_request_id_makes_a_call_the_same_task(self):
        with self.up(SHOP):
            first = self.troupe("submit", "shop", "hello", "--request-id", "r1").stdout
            self.assertEqual(self.troupe("submit", "shop", "hello", "--request-id", "r1").stdout, first)
            self.troupe("submit", "shop", "other", "--request-id", "r1", code=2)

    def test_exit_codes_of_tasks_that_do_not_end_well(self):
        with self.up(SHOP):
            failed = self.troupe("run", "shop", "boom", code=1)
            self.assertIn("cannot read that", failed.stderr)
            self.assertIn("read", failed.stderr)
            self.troupe("run", "shop", "slow", "--timeout", "0.3", code=5)
            self.troupe("run", "no-such-graph", "hello", code=4)
            self.assertEqual(self.troupe("run", "shop", "flaky", "-q").stdout, "at last\n")

    def test_wrong_input_names_the_field(self):
        with self.up(SHOP):
            for arguments in (["--field", "message:=3"], ["--field", "mesage=hello"], [], ["--field", "message=" + "x" * 1001]):
                error = self.troupe("run", "shop", *arguments, code=2).stderr
                self.assertRegex(error, r"input.*mess?age", arguments)

    def test_cancel(self):
        with self.up(SHOP):
            task_id = self.troupe("submit", "shop", "slow").stdout.strip()
            self.troupe("cancel", task_id, "--reason", "enough")
            harness.eventually(lambda: self.task(task_id)["task"]["state"] == "cancelled", "the task is cancelled")
            self.troupe("watch", task_id, code=5)

    def test_ctrl_c_in_run_cancels_the_task(self):
        with self.up(SHOP):
            process = self.start("run", "shop", "slow")
            harness.eventually(lambda: "to reader" in process.stderr_text(), "the step has begun")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(harness.LIMIT_S), 5, process.stderr_text())
            self.assertEqual(self.json("list")["tasks"][0]["state"], "cancelled")

    def test_ctrl_c_in_watch_leaves_the_task_alone(self):
        with self.up(SHOP):
            task_id = self.troupe("submit", "shop", "slow").stdout.strip()
            process = self.start("watch", task_id)
            harness.eventually(lambda: "to reader" in process.stdout_text(), "the watch shows the step")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(harness.LIMIT_S), 130, process.stderr_text())
            self.assertEqual(self.task(task_id)["task"]["state"], "running")
            self.troupe("cancel", task_id)

    def test_run_with_up_needs_nothing_and_leaves_nothing(self):
        timeline = self.folder / "task.svg"
        done = self.troupe("run", "--up", SHOP, "--field", "message=hello", "--timeline", timeline)
        self.assertEqual(done.stdout.strip(), "hello")
        self.assertIn("</svg>", timeline.read_text())
        run_folder = self.folder / f"troupe-{harness.os.geteuid()}"
        self.assertEqual([path.name for path in run_folder.iterdir()], [])
        self.assertEqual(harness.running_in(self.folder), [])

    def test_on_a_terminal_it_redraws_in_place_and_models_cannot_steer_it(self):
        graph = self.folder / "shop.yaml"
        graph.write_text(SHOP.read_text().replace('say: "one two', 'say: "\\e[2Jone two'))
        with self.up(graph):
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
            process = subprocess.Popen([harness.BIN / "troupe", "run", "shop", "please stream"], stdin=theirs, stdout=theirs,
                                       stderr=theirs, env={**self.environment, "TERM": "xterm"}, start_new_session=True)
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):  # the end of a terminal is an error
                while piece := os.read(ours, 65536):
                    shown += piece
            os.close(ours)
            self.assertEqual(process.wait(harness.LIMIT_S), 0)
            text = shown.decode()
            self.assertRegex(text, "\x1b\\[\\d+A", "lines are painted over")
            self.assertNotIn("\x1b[2J", text)
            self.assertIn("\u241b[2Jone two", text)
            self.assertTrue(text.endswith("nine ten\r\n"), text[-100:])
            self.assertEqual(text.count("\x1b[?25l") - text.count("\x1b[?25h"), 0, "the cursor is shown again")

    def test_an_input_beyond_one_message_is_uploaded(self):
        graph = self.folder / "long.yaml"
        graph.write_text(SHOP.read_text().replace("maxLength: 1000", "maxLength: 10000000")
                         .replace('input: {text: "{{ input.message }}"}', 'input: {text: "{{ input.message | length }} characters"}'))
        message = self.folder / "message.txt"
        message.write_text("long " * 1_200_000)
        with self.up(graph):
            task = self.json("run", "shop", "--field", f"message@={message}")
            self.assertEqual(task["task"]["output"], {"text": "6000000 characters"})
            self.assertEqual(len(task["task"]["input"]["message"]), 6_000_000)
            self.assertEqual(len(list((self.folder / "state/troupe/uploads").iterdir())), 1)
            # the same again is sent once, and the records come back whole
            task_id = self.troupe("submit", "shop", "--field", f"message@={message}").stdout.strip()
            self.assertIn("6000000 characters", self.troupe("watch", task_id).stdout)
            self.assertEqual(len(list((self.folder / "state/troupe/uploads").iterdir())), 1)

    def test_up_hands_on_how_long_tasks_are_kept(self):
        self.assertIn("must be a whole number with s, m, h or d",
                      self.troupe("up", SHOP, "--retain", "soon", code=2).stderr)
        with self.up(SHOP, "--retain", "30d", "--retain-tasks", "1000"):
            router = next(line for line in harness.running_in(self.folder) if "troupe-router" in line)
            self.assertIn("--retain 30d --retain-tasks 1000", router)

    def test_status_and_apply(self):
        with self.up(SHOP, "--listen", "127.0.0.1:0") as process:
            address = re.search(r"listening on (127\.0\.0\.1:\d+)", process.stdout_text()).group(1)
            replicas = self.json("status", "--router", address)["graphs"][0]["replicas"]
            self.assertEqual({replica["replica"]: replica["ready"] for replica in replicas}, {"reader-0": True, "writer-0": True})
            self.assertFalse(self.json("apply", SHOP)["changed"])
            changed = self.folder / "shop.yaml"
            changed.write_text(SHOP.read_text().replace('output: {text: "{{ steps.write.text }}"}', 'output: {text: "v2"}'))
            self.assertTrue(self.json("apply", changed)["changed"])
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "v2\n")
            self.assertEqual(self.troupe("run", SHOP, "hello", "-q").stdout, "hello\n")
            self.troupe("up", SHOP, code=2)  # the folder is taken


if __name__ == "__main__":
    unittest.main()
