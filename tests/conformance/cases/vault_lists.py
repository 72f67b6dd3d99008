"""ListVaults, its pages and its paginator."""

from harness import case
from harness.checks import INVALID


def several(t, count):
    """Vaults of this case, in the order of their names."""
    return [t.vault(name=f"{t.prefix}-{n:03}") for n in range(count)]


def own(t, vaults):
    return [vault["VaultName"] for vault in vaults if vault["VaultName"].startswith(t.prefix + "-")]


@case("ListVaults", region="lists")
def items(t):
    "an item is what DescribeVault returns"
    (name,) = several(t, 1)
    described = t.glacier.describe_vault(vaultName=name)
    listed = t.glacier.list_vaults()
    t.equal(listed["ResponseMetadata"]["HTTPStatusCode"], 200, "status")
    vaults = [vault for page in t.glacier.get_paginator("list_vaults").paginate() for vault in page["VaultList"]]
    (item,) = [vault for vault in vaults if vault["VaultName"] == name]
    del described["ResponseMetadata"]
    t.equal(item, described, "item")


@case("ListVaults", region="lists")
def sorted_by_name(t):
    "vaults come sorted by name, in ASCII order"
    names = [t.vault(name=f"{t.prefix}-{end}") for end in ("b", "B", "_", ".", "-", "9", "a")]
    found = [vault for page in t.glacier.get_paginator("list_vaults").paginate() for vault in page["VaultList"]]
    t.equal(own(t, found), sorted(names), "names")
    everything = [vault["VaultName"] for vault in found]
    t.equal(everything, sorted(everything), "all names")


@case("ListVaults", region="lists")
def default_page(t):
    "a page has 10 vaults without a limit"
    several(t, 12)
    page = t.glacier.list_vaults()
    t.equal(len(page["VaultList"]), 10, "vaults on the page")
    t.true(page.get("Marker"), "a page that is not the last has a marker")


@case("ListVaults", region="lists")
def marker(t):
    "the marker is the ARN of a vault; the listing continues without a gap or a repetition; the last page has none"
    names, found, token = several(t, 7), [], {}
    for _ in range(100):
        page = t.glacier.list_vaults(limit="3", **token)
        found += page["VaultList"]
        if not page.get("Marker"):
            break
        t.true(len(page["VaultList"]) <= 3, "more than the limit")
        t.true(page["Marker"].startswith(f"arn:aws:glacier:{t.region}:"), f"marker: {page['Marker']}")
        token = {"marker": page["Marker"]}
    t.equal(own(t, found), names, "names over all pages")


@case("ListVaults", region="lists")
def empty_marker(t):
    "an empty marker lists from the start"
    several(t, 2)
    t.equal(t.glacier.list_vaults(marker="", limit="1")["VaultList"], t.glacier.list_vaults(limit="1")["VaultList"], "the first page")


@case("ListVaults", region="lists")
def marker_of_a_deleted_vault(t):
    "a listing continues when the vault at its marker is gone"
    names = several(t, 6)
    pages, seen = t.glacier.list_vaults(limit="2"), []
    while pages.get("Marker") and not own(t, pages["VaultList"]):
        pages = t.glacier.list_vaults(limit="2", marker=pages["Marker"])
    seen = own(t, pages["VaultList"])
    at = names.index(seen[-1])
    for name in names[at : at + 2]:
        t.glacier.delete_vault(vaultName=name)
    rest = [v for page in t.glacier.get_paginator("list_vaults").paginate(marker=pages["Marker"]) for v in page["VaultList"]]
    t.equal(own(t, rest), names[at + 2 :], "the rest")


@case("ListVaults", region="lists")
def exact_last_page(t):
    "a page that ends with the last vault has no marker"
    several(t, 4)
    total = len([v for page in t.glacier.get_paginator("list_vaults").paginate() for v in page["VaultList"]])
    if total <= 10:
        page = t.glacier.list_vaults(limit=str(total))
        t.equal((len(page["VaultList"]), page.get("Marker")), (total, None), "vaults and marker")


@case("ListVaults")
def bad_limits(t):
    "a limit is a number from 1 to 10"
    for limit in ("0", "11", "-1", "1000", "abc", "1.5", "99999999999999999999"):
        with t.each(f"limit {limit}"):
            t.fails(INVALID, t.glacier.list_vaults, limit=limit)


@case("ListVaults")
def bad_marker(t):
    "a marker that the service did not issue is refused"
    for marker in ("nosuch", "arn:aws:s3:::bucket"):
        with t.each(marker):
            t.fails(INVALID, t.glacier.list_vaults, marker=marker)


@case("ListVaults", region="lists")
def paginator(t):
    "boto3's paginator yields each vault once, in pages of PageSize"
    names, pages = several(t, 5), []
    for page in t.glacier.get_paginator("list_vaults").paginate(PaginationConfig={"PageSize": 2}):
        pages.append(len(page["VaultList"]))
        names = [n for n in names if n not in own(t, page["VaultList"])]
    t.equal(names, [], "names that no page has")
    t.equal(set(pages[:-1]), {2}, "sizes of the pages before the last")
    t.among(pages[-1], (1, 2), "size of the last page")


@case("ListVaults", region="lists")
def paginator_resumes(t):
    "MaxItems cuts, and its token continues where it was cut"
    names, paginate = several(t, 5), t.glacier.get_paginator("list_vaults").paginate
    found, token = [], None
    for _ in range(100):
        part = paginate(PaginationConfig={"MaxItems": 3, "PageSize": 2, "StartingToken": token}).build_full_result()
        found += own(t, part["VaultList"])
        token = part.get("NextToken")
        if token is None:
            break
    t.equal(found, names, "names")
