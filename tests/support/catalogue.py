"""The 33 operations of the service: the golden requests have a file for each, which tests/tests/catalogue.rs compares with the catalogue."""

from glacier import REPO

OPERATIONS = sorted(file.stem for file in (REPO / "tests" / "vectors" / "requests").glob("*.json"))
