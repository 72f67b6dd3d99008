"""Inventory retrieval in CSV: header, columns and the service's quoting."""

from harness import case, sample, tree_hash
from harness.csv_inventory import COLUMNS, raw_descriptions, records


def inventory(t, descriptions):
    """The CSV of a vault with an archive for each description, and {archive id: (description, size)}."""
    vault = t.vault()
    made = {t.upload(vault, size, description=text): (text, size) for size, text in enumerate(descriptions, 1)}
    job, described = t.inventory(vault, Format="CSV")
    got = t.output(vault, job)
    body = got["body"].read()
    t.equal(described["InventoryRetrievalParameters"].get("Format"), "CSV", "format")
    t.equal(described["InventorySizeInBytes"], len(body), "size")
    return got, body.decode(), made


@case("InitiateJob", "GetJobOutput", days=3)
def document(t):
    "text/csv; a header line; a line an archive with the five columns"
    got, text, made = inventory(t, ["one", "two words", "three"])
    t.equal(got["contentType"].split(";")[0], "text/csv", "content type")
    t.equal([name.strip('"') for name in text.splitlines()[0].split(",")], COLUMNS, "header")
    found = records(text)
    t.equal({item["ArchiveId"]: (item["ArchiveDescription"], item["Size"]) for item in found}, made, "archives")
    for item in found:
        t.equal(item["SHA256TreeHash"], tree_hash(sample(item["Size"])), "tree hash")
        t.true(item["CreationDate"].endswith("Z"), f"creation date: {item['CreationDate']}")


@case("InitiateJob", "GetJobOutput", days=3)
def quoting(t):
    "a description with a comma or a double quote is quoted; inside, a double quote has a backslash before it and a backslash has none"
    texts = ["a,b", 'say "x"', "back\\slash", "a,b\\", 'my archive description,1"2', 'my archive description,1\\"2', ',"', '"', ","]
    _, text, made = inventory(t, texts)
    found = records(text)
    t.equal(sorted((i["ArchiveId"], i["ArchiveDescription"]) for i in found), sorted((k, v[0]) for k, v in made.items()), "descriptions")
    written = dict(zip([item["Size"] for item in found], raw_descriptions(text)))
    for size, description in enumerate(texts, 1):
        with t.each(description):
            quoted = '"' + description.replace('"', '\\"') + '"'
            plain = "," not in description and '"' not in description
            t.among(written[size], (quoted, description) if plain else (quoted,), "as it is written")
