"""Folding: the one function that makes spellings of a word equal, for the index and the query alike.

What becomes equal, in this order:

- compatibility forms and case: NFKC and full case folding (`ﬁ` fi, `Ａ` a, `ß` ss, `ς` σ);
- accents and other combining marks of Latin, Greek, Cyrillic, Arabic, Hebrew and Syriac: `é` e, `ü` u (German too: ue is
  another spelling and stays one), vowel signs of Arabic and Hebrew dropped. Signs of Indic, Thai and other scripts are
  letters in all but name and stay;
- letters that Unicode does not decompose: `æ` ae, `œ` oe, `ø` o, `đ` d, `ł` l, `ð` d, `þ` th, `ħ` h and every other
  Latin letter with a stroke, hook or bar;
- Turkish `ı` and `İ` become `i`: a text in capitals cannot be told from one that meant the other letter;
- Cyrillic: `ё` is е, as Russian prints it, and stress marks go. `й ї ў ќ ѓ` stay: they are letters of their own, and the
  stemmers need them;
- Arabic script: alef with hamza, madda or wasla is ا; hamza on waw or yeh is و or ي, alone it stays; ى and Persian,
  Urdu yeh are ي; ک and its kin are ك; ة and Persian, Urdu heh are ه; tatweel goes;
- digits of any script are ASCII digits;
- invisible characters (zero-width, bidirectional, soft hyphen, variation selectors) go.

Each character folds by itself, after and before composition (NFC). So the result is a fixed point, and it is
known of each folded character where it came from.
"""

import re
import unicodedata
from functools import cache

_KEPT_WHOLE = frozenset("йїўќѓ")
_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ȷ": "j",
    "ŋ": "n",
    "ĸ": "k",
    "ƿ": "w",
    # Arabic
    "ٱ": "ا",
    "ٲ": "ا",
    "ٳ": "ا",
    "ٵ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ے": "ي",
    "ې": "ي",
    "ۍ": "ي",
    "ؠ": "ي",
    "ة": "ه",
    "ۃ": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ک": "ك",
    "ڪ": "ك",
    "ـ": "",
}
# Combining marks that are accents or vowel signs, by script; and variation selectors.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0898-\u089f\u08ca-\u08ff\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_STROKED = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH .+")
# Characters that may join the one before them when composed: marks, and Hangul vowels and finals.
_HANGUL_JOINING = re.compile("[\u1161-\u1175\u11a8-\u11c2]")


def _step(char: str) -> str:
    if char in _KEPT_WHOLE:
        return char
    if unicodedata.category(char) == "Cf":
        return ""
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", char)))
    if len(bare) != 1:
        return bare
    if bare in _LETTERS:
        return _LETTERS[bare]
    if unicodedata.category(bare) == "Nd":
        return str(unicodedata.digit(bare))
    stroked = _STROKED.fullmatch(unicodedata.name(bare, ""))
    return stroked[1].lower() if stroked else bare


def _fold_char(char: str) -> str:
    """One character, folded until nothing changes any more."""
    while (folded := "".join(map(_step, unicodedata.normalize("NFKC", char).casefold()))) != char:
        if len(folded) != 1:
            return "".join(map(_fold_char, folded))
        char = folded
    return char


class _Table(dict[int, str]):
    """What `str.translate` asks for each character; remembers the answers, but not for all of Unicode."""

    _ROOM = 8192

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        if len(self) >= self._ROOM:
            self.clear()  # rather than stop: one odd text must not make every later one slow
        self[code] = folded
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """The text as search sees it. Idempotent; never raises, whatever the text holds (lone surrogates too)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_TABLE))


def fold_with_map(text: str) -> tuple[str, list[int]]:
    """The folded text, and where each of its characters came from.

    Shape   as many integers as folded characters: the code point index in `text` of the character it came from (of the
            first one, where a base and its marks are one letter). They never fall.
    """
    if text.isascii():
        return text.lower(), list(range(len(text)))
    chars, sources = _compose(text, range(len(text)))
    folded: list[str] = []
    came_from: list[int] = []
    for char, source in zip(chars, sources, strict=True):
        replacement = _TABLE[ord(char)]
        folded.append(replacement)
        came_from.extend([source] * len(replacement))
    return _compose("".join(folded), came_from)


def source_span(sources: list[int], start: int, end: int, length: int) -> tuple[int, int]:
    """The span of the original text that a non-empty span of folded characters came from.

    Terms   sources: the map of `fold_with_map`. start, end: in the folded text, end excluded. length: of the original.
    Returns start and end in the original, end excluded: with the marks that follow the last letter and fold away, and
            whole where one letter folded into two.
    """
    after = sources[end] if end < len(sources) else length
    return sources[start], max(after, sources[end - 1] + 1)


def _compose(text: str, sources: range | list[int]) -> tuple[str, list[int]]:
    """NFC with a map: each run of a character and what may join it is composed alone and placed where it starts."""
    if unicodedata.is_normalized("NFC", text):
        return text, list(sources)
    parts: list[str] = []
    places: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins(text[end]):
            continue
        run = text[start:end]
        composed = unicodedata.normalize("NFC", run)
        parts.append(composed)
        places.extend(sources[start:end] if composed == run else [sources[start]] * len(composed))
        start = end
    return "".join(parts), places


def _joins(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or _HANGUL_JOINING.match(char) is not None


_ASCII_WORD = re.compile(r"[a-z0-9]+", re.IGNORECASE | re.ASCII)


@cache
def _word() -> re.Pattern[str]:
    """Compiled when first asked for: Python's `\\w` knows no marks, and finding them takes some milliseconds."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")


def words(folded: str) -> list[str]:
    """The words of a folded text: runs of letters, digits and the marks that follow them.

    Index and query must cut alike. PostgreSQL's own parser keeps `example.com` and `-5` whole and a query does not, so
    index these words, joined with spaces.

    An Arabic word that ends in ه ends in ة here: folding made both one letter, and only with this one does the stemmer find
    the same stem with and without the article (المدرسة, مدرسة).
    """
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found: list[str] = _word().findall(folded)
    return [f"{word[:-1]}ة" if word.endswith("ه") else word for word in found] if "ه" in folded else found


def searchable(text: str) -> str:
    """A text as it is indexed: folded, and cut into words as queries are (values/webquery.py)."""
    return " ".join(words(fold(text)))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of `searchable` stand in the text itself, end excluded."""
    if text.isascii():
        return [found.span() for found in _word().finditer(text)]
    folded, sources = fold_with_map(text)
    return [source_span(sources, *found.span(), len(text)) for found in _word().finditer(folded)]
