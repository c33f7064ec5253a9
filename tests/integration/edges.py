"""Real nginx and real Varnish with what `troupe content edge` writes for them, each in the test's own folder."""

import os
import pathlib
import shutil
import subprocess

from content_case import accepts, free_port
from harness import eventually

NJS = pathlib.Path("/usr/lib/nginx/modules/ngx_http_js_module.so")


def installed(program):
    """Also where ordinary users' PATH does not lead."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin")


HAS_NGINX = bool(installed("nginx")) and NJS.exists()
NO_NGINX = "nginx with njs is not here; 'deploy/install edge' installs it"
HAS_VARNISH = bool(installed("varnishd"))
NO_VARNISH = "Varnish is not here; 'deploy/install edge' installs it"


class Edges:
    """For a test case of content; the files stand in its folder "edge", where a test may change them first."""

    def write_edge(self, kind, origin, port, *more):
        edge = self.folder / "edge"
        self.troupe("content", "edge", "--for", kind, "--origin", origin, "--listen", f"127.0.0.1:{port}", "--out", edge, *more)
        return edge

    def nginx(self, origin, *more):
        """The port that it answers at."""
        port = free_port()
        edge = self.write_edge("nginx", origin, port, *more)
        # root's workers would be somebody else's, who may not enter this folder
        user = "user root;\n" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"  {kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        (self.folder / "nginx.conf").write_text(
            f"{user}load_module {NJS};\ndaemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log stderr warn;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\n  access_log off;\n{temporary}  include {edge}/troupe-edge.conf;\n}}\n")
        return self.run_edge(port, installed("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf")

    def varnish(self, origin, *more, change=lambda vcl: vcl):
        """The port that it answers at; `change` may alter its configuration."""
        port = free_port()
        vcl = self.write_edge("varnish", origin, port, *more) / "troupe-edge.vcl"
        vcl.write_text(change(vcl.read_text()))
        return self.run_edge(port, installed("varnishd"), "-F", "-j", "none", "-n", self.folder / "varnish", "-a", f"127.0.0.1:{port}",
                             "-s", "default,64m", "-f", vcl)

    def run_edge(self, port, *command):
        errors = open(self.folder / "edge.err", "w")
        self.addCleanup(errors.close)
        process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)

        def restart():
            process.terminate()
            process.wait(30)
            self.run_edge(port, *command)

        self.restart_edge = restart
        self.addCleanup(lambda: (process.terminate(), process.wait(30)))
        eventually(lambda: accepts(port) or process.poll() is not None, "the edge listens")
        self.assertIsNone(process.poll(), (self.folder / "edge.err").read_text())
        return port
