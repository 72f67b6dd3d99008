"""The code blocks of the repository's README."""

import re

from glacier import REPO

# Where the README's server listens.
URL = "http://127.0.0.1:4566"
# What is for users of SDKs.
SDKS = "## For programs with an AWS SDK"


def section(title):
    """The text of a section, without its title."""
    return (REPO / "README.md").read_text().split(f"\n{title}\n")[1].split("\n## ")[0]


def blocks(title, language):
    """The code blocks of a section in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(title), re.M | re.S)
