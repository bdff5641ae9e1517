"""Where things are on the pages, and on the design's page of states."""


def row(code: str, inside: str = "") -> str:
    """The row of an area in a table, or what is in it."""
    return f"tr[data-code='{code}'] {inside}".strip()


def hospital(facility: str, inside: str = "") -> str:
    """The row of a facility."""
    return f"tr[data-facility='{facility}'] {inside}".strip()


def spec(n: int, inside: str = "") -> str:
    """A section of the design's test page, or what is in it."""
    return f".spec:nth-of-type({n}) {inside}".strip()


def bar(code: str, has: str, has_not: str = "no-such-element") -> str:
    """The cell with the bar of an area."""
    return row(code, f"td.k6:has(.bar {has}):not(:has(.bar {has_not}))")
