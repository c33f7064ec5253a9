"""Content published to a bucket: the real command against moto's S3 server, which checks every signature as AWS does."""

import hashlib
import json
import logging
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import unittest

import harness

SET = harness.HERE.parent / "unit/content/good/birthday.yaml"
PINS = harness.HERE / "content/moto.txt"
CACHE = pathlib.Path(os.environ.get("TROUPE_CACHE", pathlib.Path.home() / ".cache/troupe"))
SLOTS = ["first_name=Ann", "amount=1250.5", "until=2026-12-24"]
PYTHON = (3, 11)  # what the pins' hashes are of


def packages():
    """Where moto lies; kept between runs."""
    folder = CACHE / ("moto-" + hashlib.sha256(PINS.read_bytes()).hexdigest()[:12])
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
                        "--only-binary=:all:", "--root-user-action=ignore", "--target", part, "--requirement", PINS], check=True, timeout=600)
        part.rename(folder)
    return str(folder)


@unittest.skipUnless(sys.version_info[:2] == PYTHON, "moto is pinned for Python 3.11")
class Bucket(harness.Case):
    @classmethod
    def setUpClass(cls):
        # what needs no key yet: two users with their keys and policies, and the bucket
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "7"
        sys.path.insert(0, packages())
        import boto3
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.url = "http://%s:%d" % cls.server.get_host_and_port()
        cls.client = lambda service, key=("-", "-"): boto3.client(service, endpoint_url=cls.url, region_name="us-east-1",
                                                                  aws_access_key_id=key[0], aws_secret_access_key=key[1])
        cls.key = cls.make_user("publisher", "s3:*")
        cls.reader = cls.make_user("reader", "s3:GetObject")
        cls.client("s3").create_bucket(Bucket="shop-texts")
        cls.s3 = cls.client("s3", cls.key)

    @classmethod
    def make_user(cls, name, action):
        iam = cls.client("iam")
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
        return key["AccessKeyId"], key["SecretAccessKey"]

    def setUp(self):
        super().setUp()
        for name in [name for name in self.environment if name.startswith("AWS_")]:
            del self.environment[name]
        self.use(self.key)
        self.environment["AWS_ENDPOINT_URL"] = self.url
        self.environment["no_proxy"] = "127.0.0.1"
        # a place of its own for each test
        self.place = f"s3://shop-texts/{self.id().rsplit('.', 1)[1]}"
        self.prefix = self.place.removeprefix("s3://shop-texts/")

    def use(self, key):
        self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"] = key

    def version(self, number):
        """The set with another text; its file."""
        copy = self.folder / f"set{number}"
        shutil.copytree(SET.parent, copy)
        texts = copy / "birthday.texts.yaml"
        texts.write_text(texts.read_text().replace("All the best", f"All the best, for the {number}th time"))
        return copy / "birthday.yaml"

    def publish(self, file=SET, **options):
        return self.json("content", "publish", file, "--to", self.place, **options)

    def names(self):
        return [entry["Key"].removeprefix(self.prefix + "/birthday/")
                for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket="shop-texts", Prefix=self.prefix + "/")
                for entry in page.get("Contents", [])]

    def refused(self, code, *arguments):
        return self.troupe("content", "publish", SET, "--to", *arguments or [self.place], code=code).stderr

    def test_publishes_reads_lists_and_goes_back(self):
        first = self.publish()
        self.assertEqual((first["audiences"], first["before"]), (3, ""))
        self.assertEqual(self.publish()["written"], 0)
        fill = ["--audience", "loyal.de", "--user", "u", *SLOTS]
        self.assertEqual(self.troupe("content", "fill", self.place, *fill).stdout, self.troupe("content", "fill", SET, *fill).stdout)
        second = self.publish(self.version(2))
        self.assertEqual(second["before"], first["version"])
        self.assertEqual(self.json("content", "rollback", self.place, "birthday")["version"], first["version"])
        versions = self.json("content", "versions", self.place, "birthday")
        self.assertEqual([entry["version"] for entry in versions], [first["version"], second["version"]])
        # a version that is kept no longer leaves nothing behind
        self.json("content", "publish", self.version(3), "--to", self.place, "--keep", "1")
        self.assertFalse([name for name in self.names() if first["version"] in name or second["version"] in name or name == "lock"])

    def test_files_have_headers_for_browsers_and_caches(self):
        version = self.publish()["version"]
        self.assertIn("current", self.names())
        for name in self.names():
            head = self.s3.head_object(Bucket="shop-texts", Key=f"{self.prefix}/birthday/{name}")
            self.assertEqual(head["CacheControl"], "public, max-age=30" if name == "current" else "public, max-age=31536000, immutable")
            encoding = {"gz": "gzip", "br": "br"}.get(name.rsplit(".", 1)[-1])
            self.assertEqual(head.get("ContentEncoding"), encoding, name)
            plain = name.removesuffix(".gz").removesuffix(".br")
            self.assertEqual(head["ContentType"], "text/html; charset=utf-8" if plain.endswith(".html") else
                             "text/plain; charset=utf-8" if plain.endswith("whole") else "application/json", name)
        manifest = f"{self.prefix}/birthday/versions/{version}/new.en.json"
        self.assertEqual(json.load(self.s3.get_object(Bucket="shop-texts", Key=manifest)["Body"])["version"], version)

    def test_publishers_at_once_do_not_mix(self):
        self.publish()
        files = [self.version(number) for number in range(2, 6)]
        running = [self.start("content", "publish", file, "--to", self.place, "--output", "json") for file in files]
        codes = [process.wait(harness.LIMIT_S) for process in running]
        self.assertIn(0, codes)
        for code, process in zip(codes, running):
            self.assertTrue(code == 0 or (code == 2 and "somebody else publish" in process.stderr_text()), process.stderr_text())
        published = [json.loads(process.stdout_text())["version"] for code, process in zip(codes, running) if code == 0]
        versions = [entry["version"] for entry in self.json("content", "versions", self.place, "birthday")]
        self.assertIn(versions[0], published)
        self.assertLessEqual(set(published), set(versions))
        self.troupe("content", "fill", self.place, "--audience", "new.en", *SLOTS)

    def test_refusals_say_what_to_do(self):
        self.use(("AKIAUNKNOWN", self.key[1]))
        self.assertIn("knows no key 'AKIAUNKNOWN'; correct AWS_ACCESS_KEY_ID", self.refused(2))
        self.use((self.key[0], "wrong"))
        self.assertIn("AWS_SECRET_ACCESS_KEY does not belong to the key", self.refused(2))
        self.use(self.reader)
        self.assertIn(f"may not write {self.place}/birthday/lock; it needs", self.refused(2))
        self.use(self.key)
        self.assertIn("has no bucket 'nobodys'; make it first", self.refused(4, "s3://nobodys/x"))
        self.assertIn("write s3://BUCKET", self.refused(2, "s3://x"))
        self.assertIn("--endpoint belongs to a bucket", self.refused(2, self.folder, "--endpoint", self.url))
        self.assertIn("give a folder", self.troupe("content", "serve", self.place, code=2).stderr)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            message = self.refused(3, self.place, "--endpoint", f"http://127.0.0.1:{unused.getsockname()[1]}")
        self.assertRegex(message, r"cannot reach 127\.0\.0\.1:\d+: .*; check the network")
        del self.environment["AWS_SECRET_ACCESS_KEY"]
        self.assertIn("AWS_SECRET_ACCESS_KEY is not set", self.refused(2))


if __name__ == "__main__":
    unittest.main()
