"""Programs that a benchmark in Python asks, a line of JSON for a line of JSON."""

import json
import os
import pathlib
import subprocess


class Missing(Exception):
    """A target that is not there or went away; the message says what to do."""


class Lines:
    """A program that answers a line of JSON with a line of JSON. Other lines are its own talk and are left out."""

    def __init__(self, command, env=None):
        self.name = pathlib.Path(str(command[0])).name
        try:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        except OSError as failure:
            raise Missing(f"{self.name} does not start: {failure}") from failure
        self.about = self.receive()

    def send(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def receive(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                answer = json.loads(line)
                if "err" in answer:
                    raise Missing(f"{self.name}: {answer['err']}")
                return answer
        raise Missing(f"{self.name} ended with {self.process.wait()}; what it said is above")

    def ask(self, request):
        try:
            self.send(request)
        except BrokenPipeError as failure:
            raise Missing(f"{self.name} ended with {self.process.wait()}") from failure
        return self.receive()

    def stop(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
