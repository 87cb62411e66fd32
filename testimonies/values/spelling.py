"""How many slips lie between two spellings of a word."""


def slips(one: str, other: str, most: int) -> int | None:
    """Letters that are wrong, missing, too many, or two that changed places; None where there are more than `most`.

    Source  optimal string alignment (restricted Damerau-Levenshtein distance).
    """
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        above, before = before, row
        row = [i]
        for j, its in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, above[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def forgiven(word: str) -> int:
    """So many slips are forgiven in a word of this length."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 10 else 3
