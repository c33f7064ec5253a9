"""Drives the real binaries in a folder of their own. Waits are for conditions, with a limit; nothing sleeps for its own sake."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ.get("TROUPE_BIN", HERE.parent.parent / "build/release/bin"))
LIMIT_S = 60.0


def eventually(condition, what, limit_s=LIMIT_S):
    """The first true value of condition(); fails the test where there is none within the limit."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {limit_s} s: {what}")
        time.sleep(0.01)


def running_in(folder):
    """Command lines of processes that name the folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # ended meanwhile
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line:
                found.append(line)
    return found


class Case(unittest.TestCase):
    """A test with a run folder and a data folder of its own."""

    def setUp(self):
        # short, because a socket's path may have 107 bytes
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="trp", dir="/tmp"))
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        self.environment.pop("TROUPE_ROUTER", None)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def troupe(self, *arguments, code=0, stdin=None, limit_s=LIMIT_S):
        """Runs the command to its end and checks its exit code."""
        done = subprocess.run([BIN / "troupe", *map(str, arguments)], env=self.environment, input=stdin,
                              capture_output=True, text=True, timeout=limit_s)
        self.assertEqual(done.returncode, code,
                         f"troupe {' '.join(map(str, arguments))}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def json(self, *arguments, **options):
        return json.loads(self.troupe(*arguments, "--output", "json", **options).stdout)

    def start(self, *arguments):
        """Starts the command; its output goes to files beside it, so that no pipe can fill up."""
        name = str(len(list(self.folder.glob("*.out"))))
        out = open(self.folder / f"{name}.out", "w+")
        err = open(self.folder / f"{name}.err", "w+")
        process = subprocess.Popen([BIN / "troupe", *map(str, arguments)], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=err, start_new_session=True)
        process.stdout_text = lambda: (self.folder / f"{name}.out").read_text()
        process.stderr_text = lambda: (self.folder / f"{name}.err").read_text()
        self.addCleanup(self._end, process)
        self.addCleanup(out.close)
        self.addCleanup(err.close)
        return process

    def _end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()

    @contextlib.contextmanager
    def up(self, *arguments):
        """A router and its agents, ready; drained at the end."""
        process = self.start("up", *arguments)

        def listening():
            self.assertIsNone(process.poll(), f"troupe up ended early: {process.stderr_text()}")
            return "listening on" in process.stdout_text()

        eventually(listening, "troupe up is ready")
        yield process
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr_text())

    def processes(self):
        """Name to pid, as `up` wrote it down; 0 where a process is away."""
        path = self.folder / f"troupe-{os.geteuid()}" / "processes.json"
        return {entry["name"]: entry["pid"] for entry in json.loads(path.read_text())}

    def task(self, task_id):
        return self.json("get", task_id)
