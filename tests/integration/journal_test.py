"""What a stopped router has written down: checked, exported, imported; what is no longer kept is gone."""

import unittest

import harness

SHOP = harness.HERE / "graphs/shop.yaml"


class Journal(harness.Case):
    def test_a_journal_is_checked_exported_and_imported(self):
        data = self.folder / "data"
        with self.up(SHOP, "--data", data):
            task_id = self.troupe("submit", "shop", "hello", "--request-id", "r1").stdout.strip()
            self.troupe("watch", task_id)
            seen = self.json("get", task_id)
            # a journal that is in use is left alone
            used = self.troupe("journal", "check", "--data", data, code=2)
            self.assertIn("in use by another router (process", used.stderr)
        report = self.json("journal", "check", "--data", data)
        self.assertEqual((report["tasks"], report["running"], report["problems"]), (1, 0, 0))

        file = self.folder / "all.journal"
        self.assertIn("1 task", self.troupe("journal", "export", file, "--data", data).stdout)
        self.troupe("journal", "export", file, "--data", data, "--task", "nobody", code=4)
        other = self.folder / "other"
        self.assertEqual(self.json("journal", "import", file, "--data", other)["tasks"], 1)
        self.assertEqual(self.json("journal", "import", file, "--data", other)["there_already"], 1)
        self.troupe("journal", "check", "--data", other)
        # the imported task is the task, and its request is known
        with self.up(SHOP, "--data", other):
            self.assertEqual(self.json("get", task_id), seen)
            self.assertEqual(self.troupe("submit", "shop", "hello", "--request-id", "r1").stdout.strip(), task_id)

        damaged = bytearray(file.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        file.write_bytes(damaged)
        refused = self.troupe("journal", "import", file, "--data", self.folder / "third", code=8)
        self.assertRegex(refused.stderr, r"all.journal: byte \d+: ")

    def test_a_damaged_journal_is_found(self):
        data = self.folder / "data"
        with self.up(SHOP, "--data", data):
            self.troupe("run", "shop", "hello")
        database = data / "journal.db"
        content = bytearray(database.read_bytes())
        # the first page says that it is a database; nothing behind it is what it was
        content[8192:] = b"\x55" * (len(content) - 8192)
        database.write_bytes(content)
        self.troupe("journal", "check", "--data", data, code=8)
        self.troupe("journal", "check", "--data", self.folder / "nowhere", code=4)


if __name__ == "__main__":
    unittest.main()
