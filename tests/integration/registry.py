"""A server of this machine that speaks the Hugging Face hub's paths and a Python index's JSON, and fails as it is told.

    registry = Registry()
    registry.repository("org/name", "main", {"config.json": b"{}", "model.safetensors": b"..."})
    registry.package("p", "1.0", wheel_bytes)
    registry.fault("model.safetensors", break_after=1000)   # for the next request whose path ends so

Large files are redirected to another port, as the hub does to its content network.
"""

import hashlib
import http.server
import json
import re
import ssl
import threading
import time


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Registry:
    def __init__(self, certificate=None, token=None, login=None, chunk_pause_s=0.0):
        self.repositories = {}  # (name, revision) -> (commit, {file: content})
        self.packages = {}  # name -> [(filename, content)]
        self.faults = []  # (suffix, {...}), each used once
        self.requests = []  # (server, method path, headers)
        self.token = token
        self.login = login
        self.chunk_pause_s = chunk_pause_s
        self.lock = threading.Lock()
        self.hub = self._serve("hub", certificate)
        self.content = self._serve("content", certificate)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.hub.server_port}"
        # another name of this machine is another origin, as the hub's content network is
        self.content_url = f"{scheme}://localhost:{self.content.server_port}"
        self.index_url = self.url + "/simple"

    def _serve(self, name, certificate):
        registry = self

        class Handler(Answer):
            server_name_, registry_ = name, registry

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def close(self):
        for server in (self.hub, self.content):
            server.shutdown()
            server.server_close()

    def repository(self, name, revision, files):
        commit = hashlib.sha1(json.dumps(sorted((k, sha256(v)) for k, v in files.items())).encode()).hexdigest()
        self.repositories[name, revision] = self.repositories[name, commit] = (commit, files)
        return commit

    def package(self, name, version, wheel):
        self.packages.setdefault(name, []).append((f"{name.replace('-', '_')}-{version}-py3-none-any.whl", wheel))

    def fault(self, suffix, **what):
        """status, break_after, stall_after, endless, wrong_length, content, headers, ignore_range, redirect."""
        with self.lock:
            self.faults.append((suffix, what))

    def take_fault(self, path):
        with self.lock:
            for i, (suffix, what) in enumerate(self.faults):
                if path.endswith(suffix):
                    del self.faults[i]
                    return what
        return {}

    def seen(self, pattern, server=None):
        return [r for r in self.requests if re.search(pattern, r[1]) and (server is None or r[0] == server)]


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry_, server_name_ = None, ""

    def log_message(self, *_):
        pass

    def do_GET(self):
        registry = self.registry_
        # a client that goes through a proxy asks for the whole URL
        path = re.sub(r"^https?://[^/]+", "", self.path)
        registry.requests.append((self.server_name_, self.path, dict(self.headers)))
        fault = registry.take_fault(path.split("?")[0])
        try:
            self.answer(path.split("?")[0], fault)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def answer(self, path, fault):
        if "status" in fault:
            return self.send(b"go away", fault, status=fault["status"])
        if "redirect" in fault:
            return self.send(b"", {}, status=302, headers={"Location": fault["redirect"]})
        if self.server_name_ == "content":
            return self.blob(path, fault)
        wanted = self.registry_.token and f"Bearer {self.registry_.token}" or self.registry_.login
        if wanted and self.headers.get("Authorization") != wanted:
            return self.send(b"", {}, status=401)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)", path):
            return self.listing(*match.groups(), fault)
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self.resolve(*match.groups(), fault)
        if match := re.fullmatch(r"/simple/([^/]+)/", path):
            return self.index(match.group(1), fault)
        if match := re.fullmatch(r"/wheels/(.+)", path):
            for files in self.registry_.packages.values():
                for name, wheel in files:
                    if name == match.group(1):
                        return self.send(wheel, fault)
        return self.send(b"", {}, status=404)

    def listing(self, name, revision, fault):
        if (name, revision) not in self.registry_.repositories:
            return self.send(b"", {}, status=404)
        commit, files = self.registry_.repositories[name, revision]
        siblings = []
        for file, content in files.items():
            entry = {"rfilename": file, "size": len(content), "blobId": git_blob(content)}
            if is_large(file):
                entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        self.send(json.dumps({"id": name, "sha": commit, "siblings": siblings}).encode(), fault)

    def resolve(self, name, revision, file, fault):
        commit, files = self.registry_.repositories.get((name, revision), ("", {}))
        if file not in files:
            return self.send(b"", {}, status=404)
        headers = {"X-Repo-Commit": commit, **fault.get("headers", {})}
        if not is_large(file):
            return self.send(files[file], fault, headers=headers)
        headers.setdefault("X-Linked-Etag", f'"{sha256(files[file])}"')
        headers["X-Linked-Size"] = str(len(files[file]))
        if fault:
            self.registry_.fault(sha256(files[file]), **fault)
        headers["Location"] = f"{self.registry_.content_url}/blobs/{sha256(files[file])}?signature=secret-signature"
        self.send(b"Found. Redirecting", {}, status=302, headers=headers)

    def blob(self, path, fault):
        for _, files in self.registry_.repositories.values():
            for content in files.values():
                if path == f"/blobs/{sha256(content)}":
                    return self.send(content, fault)
        self.send(b"", {}, status=404)

    def index(self, name, fault):
        files = [{"filename": file, "url": f"../../wheels/{file}", "hashes": {"sha256": sha256(wheel)}, "size": len(wheel)}
                 for file, wheel in self.registry_.packages.get(name, [])]
        if not files:
            return self.send(b"", {}, status=404)
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
        self.send(json.dumps(page).encode(), fault, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})

    def send(self, body, fault, status=200, headers=None):
        body = fault.get("content", body)
        first = 0
        if (match := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))) and status == 200 and not fault.get("ignore_range"):
            first, status = int(match.group(1)), 206
            if first >= len(body):
                first, status = len(body), 416
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        body = body[first:]
        if fault.get("endless"):
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            while True:
                self.wfile.write(b"x" * 65536)
        self.send_header("Content-Length", str(len(body) + fault.get("wrong_length", 0)))
        self.end_headers()
        stop = fault.get("break_after", fault.get("stall_after", len(body)))
        for at in range(0, min(stop, len(body)), 16384):
            self.wfile.write(body[at:min(at + 16384, stop)])
            if self.registry_.chunk_pause_s:
                self.wfile.flush()
                time.sleep(self.registry_.chunk_pause_s)
        self.wfile.flush()
        if "stall_after" in fault:
            time.sleep(fault.get("stall_s", 30))
        if "break_after" in fault or fault.get("wrong_length"):
            self.close_connection = True
            self.connection.close()


def is_large(file):
    return file.endswith((".safetensors", ".gguf", ".bin"))
