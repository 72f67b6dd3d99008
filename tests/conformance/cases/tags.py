"""AddTagsToVault, ListTagsForVault, RemoveTagsFromVault."""

from harness import case
from harness.checks import INVALID, LIMIT, MISSING, NOT_FOUND

ALL = ("AddTagsToVault", "ListTagsForVault", "RemoveTagsFromVault")


def add(t, vault, **tags):
    return t.glacier.add_tags_to_vault(vaultName=vault, Tags=tags)


def listed(t, vault):
    return t.glacier.list_tags_for_vault(vaultName=vault)["Tags"]


def fill(t, vault, total):
    """Adds tags until the vault has this many."""
    for start in range(0, total, 10):
        add(t, vault, **{f"k{n}": str(n) for n in range(start, min(start + 10, total))})


@case("AddTagsToVault", "ListTagsForVault")
def add_and_list(t):
    "status 204; the tags are listed as a map"
    vault = t.vault()
    t.equal(add(t, vault, a="1", b="2")["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    got = t.glacier.list_tags_for_vault(vaultName=vault)
    t.equal((got["ResponseMetadata"]["HTTPStatusCode"], got["Tags"]), (200, {"a": "1", "b": "2"}), "status and tags")
    add(t, vault, c="3")
    t.equal(listed(t, vault), {"a": "1", "b": "2", "c": "3"}, "tags after more")


@case("ListTagsForVault")
def none(t):
    "a vault without tags has an empty map"
    vault = t.vault()
    t.equal(t.raw().call("GET", f"/-/vaults/{vault}/tags").json if listed(t, vault) == {} else None, {"Tags": {}}, "body")


@case("AddTagsToVault", "ListTagsForVault")
def overwrite(t):
    "a key that exists gets the new value"
    vault = t.vault()
    add(t, vault, a="1", b="2")
    add(t, vault, a="9")
    t.equal(listed(t, vault), {"a": "9", "b": "2"}, "tags")


@case("AddTagsToVault", "ListTagsForVault")
def characters(t):
    "letters and digits of any script, spaces and _ . / = + - @; keys differ by case; a value may be empty"
    vault = t.vault()
    tags = {"Key": "A", "key": "a", "_./=+-@": "x_./=+-@ y", "with space": "", "ключ": "значение", "鍵9": "値"}
    t.glacier.add_tags_to_vault(vaultName=vault, Tags=tags)
    t.equal(listed(t, vault), tags, "tags")


@case("AddTagsToVault", "ListTagsForVault")
def longest(t):
    "a key of 128 and a value of 255 characters, counted as characters and not as bytes"
    vault = t.vault()
    tags = {"k" * 128: "v" * 255, "é" * 128: "é" * 255}
    t.glacier.add_tags_to_vault(vaultName=vault, Tags=tags)
    t.equal(listed(t, vault), tags, "tags")


@case("AddTagsToVault", "ListTagsForVault")
def illegal(t):
    "a key that is empty, of 129 characters, begins with aws: or has another character is refused; so is a value of 257"
    vault = t.vault()
    for tags in ({"": "v"}, {"k" * 129: "v"}, {"aws:k": "v"}, {"a!": "v"}, {"a*b": "v"}, {"a\tb": "v"}, {"k": "v" * 257}, {"k": "a#b"}):
        with t.each(str(tags)[:30]):
            t.fails(INVALID, t.glacier.add_tags_to_vault, vaultName=vault, Tags=tags)
    t.equal(listed(t, vault), {}, "tags")


@case("AddTagsToVault", "ListTagsForVault")
def illegal_adds_nothing(t):
    "one illegal tag refuses the whole call"
    vault = t.vault()
    add(t, vault, a="1")
    t.fails(INVALID, t.glacier.add_tags_to_vault, vaultName=vault, Tags={"a": "2", "b": "2", "aws:c": "3"})
    t.equal(listed(t, vault), {"a": "1"}, "tags")


@case("AddTagsToVault")
def eleven_in_a_call(t):
    "a call has 1 to 10 tags"
    vault = t.vault()
    t.fails((INVALID, LIMIT), t.glacier.add_tags_to_vault, vaultName=vault, Tags={f"k{n}": "" for n in range(11)})
    t.fails((INVALID, MISSING), t.glacier.add_tags_to_vault, vaultName=vault, Tags={})
    t.fails((INVALID, MISSING), t.glacier.add_tags_to_vault, vaultName=vault)


@case(*ALL)
def fifty(t):
    "a vault has at most 50 tags: more is LimitExceededException"
    vault = t.vault()
    fill(t, vault, 50)
    t.equal(len(listed(t, vault)), 50, "tags")
    t.fails(LIMIT, t.glacier.add_tags_to_vault, vaultName=vault, Tags={"one-more": ""})
    add(t, vault, k0="new")
    t.equal((len(listed(t, vault)), listed(t, vault)["k0"]), (50, "new"), "a key that exists may be overwritten")
    t.glacier.remove_tags_from_vault(vaultName=vault, TagKeys=["k1"])
    add(t, vault, **{"one-more": ""})
    t.equal(len(listed(t, vault)), 50, "tags after one was removed")


@case("AddTagsToVault", "ListTagsForVault")
def limit_is_all_or_nothing(t):
    "a call that would exceed the limit adds and overwrites nothing"
    vault = t.vault()
    fill(t, vault, 49)
    before = listed(t, vault)
    t.fails(LIMIT, t.glacier.add_tags_to_vault, vaultName=vault, Tags={"k0": "other", "x": "", "y": ""})
    t.equal(listed(t, vault), before, "tags")


@case("RemoveTagsFromVault", "ListTagsForVault")
def remove(t):
    "status 204; only the named keys go, and none is an error if it is absent"
    vault = t.vault()
    add(t, vault, a="1", A="2", b="3")
    gone = t.glacier.remove_tags_from_vault(vaultName=vault, TagKeys=["a", "absent"])
    t.equal(gone["ResponseMetadata"]["HTTPStatusCode"], 204, "status")
    t.equal(listed(t, vault), {"A": "2", "b": "3"}, "tags")
    t.glacier.remove_tags_from_vault(vaultName=vault, TagKeys=["a"])
    t.glacier.remove_tags_from_vault(vaultName=vault, TagKeys=["A", "b"])
    t.equal(listed(t, vault), {}, "tags")
    t.equal(t.glacier.remove_tags_from_vault(vaultName=vault, TagKeys=["a"])["ResponseMetadata"]["HTTPStatusCode"], 204, "without tags")


@case("RemoveTagsFromVault")
def remove_eleven(t):
    "a call has 1 to 10 keys"
    vault = t.vault()
    t.fails((INVALID, LIMIT), t.glacier.remove_tags_from_vault, vaultName=vault, TagKeys=[f"k{n}" for n in range(11)])
    t.fails((INVALID, MISSING), t.glacier.remove_tags_from_vault, vaultName=vault, TagKeys=[])
    t.fails((INVALID, MISSING), t.glacier.remove_tags_from_vault, vaultName=vault)


@case(*ALL)
def unknown_vault(t):
    "all three need a vault"
    name = t.name()
    with t.each("add"):
        t.fails(NOT_FOUND, t.glacier.add_tags_to_vault, vaultName=name, Tags={"a": "b"})
    with t.each("list"):
        t.fails(NOT_FOUND, t.glacier.list_tags_for_vault, vaultName=name)
    with t.each("remove"):
        t.fails(NOT_FOUND, t.glacier.remove_tags_from_vault, vaultName=name, TagKeys=["a"])


@case("AddTagsToVault")
def operation_in_the_query(t):
    "POST tags says operation=add or operation=remove; another value, or none, is an error"
    vault = t.vault()
    body = b'{"Tags": {"a": "b"}}'
    t.equal(t.raw().call("POST", f"/-/vaults/{vault}/tags?operation=add", body=body).status, 204, "status")
    for query in ("", "?operation=", "?operation=guess"):
        with t.each(query or "none"):
            reply = t.raw().call("POST", f"/-/vaults/{vault}/tags{query}", body=body)
            t.true(400 <= reply.status < 500, f"status {reply.status}")
