"""Text search that stems but drops no word: a word that one language ignores may matter in another (docs/adr/0005).

And what makes it fast (docs/adr/0023): an index of trigrams for names that are spelt alike, and the small vector kept within its
row, where ranking reads it. The desk looks persons up by how their name begins.
"""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

STEMMERS = (
    "arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian irish italian "
    "lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish"
).split()
WORDS = "asciiword, word, hword_part, hword_asciipart, asciihword, hword"
TIERS = ("public", "partner", "restricted")


def statements() -> list[str]:
    return [
        f"""
        CREATE TEXT SEARCH DICTIONARY keep_{name} (TEMPLATE = snowball, LANGUAGE = {name});
        CREATE TEXT SEARCH CONFIGURATION keep_{name} (COPY = pg_catalog.simple);
        ALTER TEXT SEARCH CONFIGURATION keep_{name} ALTER MAPPING FOR {WORDS} WITH keep_{name};
        """
        for name in STEMMERS
    ] + [
        f"""
        CREATE INDEX projection_{tier}_names ON projection_{tier} USING gin (names gin_trgm_ops);
        ALTER TABLE projection_{tier} ALTER COLUMN vector SET STORAGE MAIN;
        """
        for tier in TIERS
    ] + ["CREATE INDEX testimonies_person_name_begins ON testimonies_person (upper(name::text) text_pattern_ops);"]


def undo() -> list[str]:
    return ["DROP INDEX testimonies_person_name_begins;"] + [f"DROP INDEX projection_{tier}_names;" for tier in TIERS] + [f"DROP TEXT SEARCH CONFIGURATION keep_{name}; DROP TEXT SEARCH DICTIONARY keep_{name};" for name in STEMMERS]


class Migration(migrations.Migration):
    dependencies = [("testimonies", "0002_database_rules")]
    operations = [TrigramExtension(), migrations.RunSQL(statements(), undo())]
