"""The reader of CSV inventories against tests/vectors/inventory.json."""

import json
import unittest

from harness import csv_inventory
from units.test_data import VECTORS, generated


class Csv(unittest.TestCase):
    def test_every_vector(self):
        cases = [case for case in json.loads((VECTORS / "inventory.json").read_text()) if case["format"] == "CSV"]
        self.assertGreater(len(cases), 5)
        read = 0
        for case in cases:
            text = generated(case["body"]).decode()
            if not text.replace('"', "").startswith(",".join(csv_inventory.COLUMNS)):
                continue  # columns in another order, which the service does not write
            read += 1
            with self.subTest(case["id"]):
                got = [{k: v for k, v in found.items()} for found in csv_inventory.records(text)]
                wanted = [{k: record[k] for k in csv_inventory.COLUMNS} for record in case["records"]]
                self.assertEqual(got, wanted)
        self.assertGreater(read, 5)

    def test_another_header_is_an_error(self):
        with self.assertRaises(AssertionError):
            csv_inventory.records("ArchiveId,Size\r\n")


if __name__ == "__main__":
    unittest.main()
