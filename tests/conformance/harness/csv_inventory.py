"""Reads an inventory in CSV as the service quotes: not RFC 4180, so by columns counted from both ends of each line."""

COLUMNS = ["ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash"]


def unquoted(field):
    """Any field may be in double quotes; inside, a double quote has a backslash before it, and a backslash has none."""
    return field[1:-1].replace('\\"', '"') if len(field) > 1 and field[0] == field[-1] == '"' else field


def records(text):
    """The records as dicts; the size is a number. Only a description can hold a comma."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if [unquoted(name) for name in lines[0].split(",")] != COLUMNS:
        raise AssertionError(f"the first line of the CSV is {lines[0]!r}")
    return [record(line) for line in lines[1:]]


def record(line):
    identifier, rest = line.split(",", 1)
    description, created, size, tree = rest.rsplit(",", 3)
    values = [unquoted(value) for value in (identifier, description, created, size, tree)]
    found = dict(zip(COLUMNS, values))
    found["Size"] = int(found["Size"])
    return found


def raw_descriptions(text):
    """The descriptions as they are written, with their quotes."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    return [line.split(",", 1)[1].rsplit(",", 3)[0] for line in lines[1:]]
