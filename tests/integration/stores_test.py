"""Stores of kept answers behind the router's memory, with the real router, agents and command, and a real Redis."""

import contextlib
import os
import signal
import socket
import subprocess
import unittest

import harness

KEPT = harness.HERE / "graphs/kept.yaml"
WHOLE = harness.HERE / "graphs/kept-whole.yaml"


class Redis:
    """A Redis of the test's own, with nothing on disk."""

    def __init__(self):
        self.process = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def address(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", "/tmp"], stdout=subprocess.DEVNULL)

        def answers():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
            return False

        harness.eventually(answers, "redis-server answers")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Stores(harness.Case):
    def ask(self, message, customer="ann"):
        """Who answered the question."""
        task = self.json("run", "kept", "--field", f"message={message}", "--field", f"customer={customer}")
        self.assertEqual(task["task"]["state"], "done")
        return {step["path"]: step["attempts"][0]["site"] for step in task["steps"]}["answer"]

    def store(self):
        return self.json("cache", "stats")["store"]

    def answers(self):
        status = subprocess.run([harness.BIN / "troupe", "status"], env=self.environment, capture_output=True)
        return status.returncode == 0

    def log(self):
        return (self.folder / f"troupe-{os.geteuid()}" / "router.log").read_text()

    def redis(self):
        redis = Redis()
        self.addCleanup(redis.kill)
        return redis

    @contextlib.contextmanager
    def a_second_place(self):
        """Commands within go to another `troupe up`, with a run folder and a journal of its own."""
        before = self.environment
        other = self.folder / "other"
        other.mkdir(exist_ok=True)
        self.environment = {**before, "XDG_RUNTIME_DIR": str(other), "XDG_STATE_HOME": str(other / "state")}
        yield
        self.environment = before

    def test_answers_outlive_the_router_in_a_file(self):
        flags = ["--cache-store", f"sqlite:{self.folder / 'answers.db'}"]
        with self.up(KEPT, *flags):
            self.assertEqual(self.ask("How can I change my password?")["replica"], "writer-0")
            self.assertEqual(self.ask("hello")["replica"], "writer-0")
        with self.up(KEPT, *flags):
            site = self.ask("hello")
            self.assertEqual(site["replica"], "cache")
            self.assertIn("kept answer, made", site["reason"])
            # and by meaning, once the questions are back
            harness.eventually(lambda: self.json("cache", "stats")["questions"] == 2, "questions are back")
            site = self.ask("How do I change my password?")
            self.assertEqual(site["replica"], "cache")
            self.assertIn("means the same", site["reason"])
            self.assertEqual(self.ask("How do I not change my password?")["replica"], "writer-0")
            self.assertGreater(self.store()["hits"], 0)
            self.assertIn("behind them sqlite:", self.troupe("cache", "stats").stdout)

    def test_a_router_that_is_killed_has_lost_nothing(self):
        with self.up(KEPT, "--cache-store", f"sqlite:{self.folder / 'answers.db'}"):
            self.ask("hello")
            harness.eventually(lambda: self.store().get("bytes", 0) > 0, "it is written")
            killed = self.processes()["router"]
            os.kill(killed, signal.SIGKILL)
            harness.eventually(lambda: self.processes()["router"] not in (0, killed), "the router is back")
            harness.eventually(self.answers, "the router answers")
            self.assertEqual(self.ask("hello")["replica"], "cache")

    def test_what_was_purged_stays_so_after_a_restart(self):
        flags = ["--cache-store", f"sqlite:{self.folder / 'answers.db'}"]
        with self.up(KEPT, *flags):
            self.ask("hello")
            self.troupe("cache", "purge", "kept", "--step", "answer")
        with self.up(KEPT, *flags):
            self.assertEqual(self.ask("hello")["replica"], "writer-0")
            self.assertEqual(self.ask("hello")["replica"], "cache")

    def test_whole_answers_outlive_the_router_too(self):
        flags = ["--cache-store", f"sqlite:{self.folder / 'answers.db'}"]
        with self.up(WHOLE, *flags):
            self.assertEqual(self.troupe("run", "kept-whole", "hello", "-q").stdout, "hello\n")
        with self.up(WHOLE, *flags):
            done = self.troupe("run", "kept-whole", "hello")
            self.assertIn("kept answer of kept-whole", done.stderr)
            self.assertEqual(len(self.json("list")["tasks"]), 1)

    def test_two_routers_share_a_redis(self):
        redis = self.redis()
        flags = ["--cache-store", redis.address]
        with self.up(KEPT, *flags):
            self.assertEqual(self.ask("hello")["replica"], "writer-0")
            with self.a_second_place(), self.up(KEPT, *flags):
                self.assertEqual(self.ask("hello")["replica"], "cache")
                # a purge here is one there
                self.troupe("cache", "purge", "kept", "--step", "answer")
            harness.eventually(lambda: self.ask("hello")["replica"] == "writer-0", "the first one takes notice")

    def test_a_redis_that_dies_fails_nobody_and_is_used_again(self):
        redis = self.redis()
        with self.up(KEPT, "--cache-store", redis.address):
            self.ask("before")
            redis.kill()
            for i in range(6):
                self.assertEqual(self.ask(f"during {i}")["replica"], "writer-0")
            self.assertFalse(self.store().get("in_use", False))
            self.assertEqual(self.ask("before")["replica"], "cache", "memory has it")
            self.assertIn("does not answer", self.troupe("cache", "stats").stdout)
            redis.start()
            harness.eventually(lambda: self.store().get("in_use", False), "it is used again")
            self.ask("after")
            self.assertEqual(self.log().count("is left alone"), 1, self.log())
            self.assertEqual(self.log().count("answers again"), 1, self.log())
            with self.a_second_place(), self.up(KEPT, "--cache-store", redis.address):
                self.assertEqual(self.ask("after")["replica"], "cache")

    def test_a_redis_that_says_nothing_costs_a_moment(self):
        redis = self.redis()
        with self.up(KEPT, "--cache-store", redis.address):
            self.ask("before")
            redis.process.send_signal(signal.SIGSTOP)
            self.addCleanup(redis.process.send_signal, signal.SIGCONT)
            for i in range(4):
                self.assertEqual(self.ask(f"during {i}")["replica"], "writer-0")
            self.assertEqual(self.ask("before")["replica"], "cache")

    def test_a_router_starts_without_its_redis(self):
        with self.up(KEPT, "--cache-store", "redis://127.0.0.1:1"):
            self.assertEqual(self.ask("hello")["replica"], "writer-0")
            self.assertEqual(self.ask("hello")["replica"], "cache")
            refused = self.troupe("cache", "purge", "kept", code=3)
            self.assertIn("thrown away here", refused.stderr)
            self.assertEqual(self.ask("hello")["replica"], "writer-0")

    def test_flags_that_make_no_sense_are_refused(self):
        self.assertIn("must be sqlite:PATH", self.troupe("up", KEPT, "--cache-store", "x", code=2).stderr)
        self.assertIn("must be redis://", self.troupe("up", KEPT, "--cache-store", "redis://", code=2).stderr)
        diary = self.folder / "diary"
        diary.write_text("dear diary " * 100)
        refused = self.start("up", KEPT, "--cache-store", f"sqlite:{diary}")
        self.assertNotEqual(refused.wait(harness.LIMIT_S), 0)
        self.assertIn("no file of kept answers", refused.stderr_text())
        self.assertEqual(diary.read_text(), "dear diary " * 100)


if __name__ == "__main__":
    unittest.main()
