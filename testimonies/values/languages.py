"""Languages: BCP 47 tags, and the PostgreSQL text search configuration that stems each."""

from functools import lru_cache
from threading import Lock

MAX_LENGTH = 35  # what RFC 5646, section 4.4.1, asks every system to have room for

# Primary subtag -> configuration among the Snowball stemmers that PostgreSQL 15 brings.
STEMMERS: dict[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}


# langcodes remembers every tag it ever read, and tags come from whoever sends a request.
_ROOM = 4_000
_only_one = Lock()


@lru_cache(maxsize=1_000)
def canonical(tag: str) -> str | None:
    """The one spelling of a BCP 47 tag: `en_us` and `EN-US` are `en-US`, `eng` is `en`, `iw` is `he`.

    Returns None when the tag is not well formed, names something unregistered, or is longer than MAX_LENGTH.
    Source  RFC 5646, section 4.5; the registry is the one that langcodes brings.
    """
    if not tag.isascii() or len(tag) > MAX_LENGTH:
        return None
    import langcodes  # noqa: PLC0415  its tables are large, and most processes never write a language

    with _only_one:  # clearing under a reader would break its look-up
        spelled = langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
        remembered = (langcodes.Language._PARSE_CACHE, langcodes.Language._INSTANCES)  # noqa: SLF001
        if max(map(len, remembered)) > _ROOM:
            for memory in remembered:
                memory.clear()
    return spelled


def is_language(tag: str) -> bool:
    """Whether this is a valid BCP 47 tag in its canonical spelling, so that one language is one value to a filter."""
    return canonical(tag) == tag


def search_config(tag: str) -> str:
    """The text search configuration for a language: a stemmer's name, or `simple` where PostgreSQL has none.

    Only the primary subtag counts: `ar-SY` is `arabic`. Any string has an answer.
    """
    return STEMMERS.get(tag.partition("-")[0].lower(), "simple")
