"""What tests of content made ahead share: a set that is published, served and asked for texts."""

import http.client
import json
import re
import resource
import socket

import harness
from harness import eventually

ROOT = harness.HERE.parent.parent
SET = ROOT / "tests/unit/content/good/birthday.yaml"
SLOTS = {"first_name": "Ann", "amount": "1250.5", "until": "2026-12-24", "code": "A/B"}


class ContentCase(harness.Case):
    def publish(self, file=SET):
        return self.json("content", "publish", file, "--to", self.folder / "public")

    def serve(self, *more):
        server = self.start("content", "serve", self.folder / "public", "--listen", "127.0.0.1:0", *more)
        found = eventually(lambda: re.search(r"http://127\.0\.0\.1:(\d+);", server.stdout_text()), "the server says where it is")
        server.port = int(found[1])
        return server

    def get(self, port, path, method="GET", body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()

    def fill(self, port, audience="loyal.en", user="u", slots=SLOTS):
        body = json.dumps({"set": "birthday", "audience": audience, "user": user, "slots": slots})
        answer, text = self.get(port, "/v1/fill", "POST", body, {"Content-Type": "application/json"})
        return answer.status, text.decode(), dict(answer.getheaders())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def allow_open_files(count):
    """False where the system does not let this process, and those that it starts, have as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    return True
