"""Lists of words, written as prose so that they can be read and sorted by eye."""


def words(text: str) -> frozenset[str]:
    """The words of a text that white space separates."""
    return frozenset(text.split())
