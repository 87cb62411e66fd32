"""Text search that stems but drops no word: a word that one language ignores may matter in another (docs/adr/0005)."""

from django.db import migrations

STEMMERS = (
    "arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian irish italian "
    "lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish"
).split()
WORDS = "asciiword, word, hword_part, hword_asciipart, asciihword, hword"


def statements() -> list[str]:
    return [
        f"""
        CREATE TEXT SEARCH DICTIONARY keep_{name} (TEMPLATE = snowball, LANGUAGE = {name});
        CREATE TEXT SEARCH CONFIGURATION keep_{name} (COPY = pg_catalog.simple);
        ALTER TEXT SEARCH CONFIGURATION keep_{name} ALTER MAPPING FOR {WORDS} WITH keep_{name};
        """
        for name in STEMMERS
    ]


def undo() -> list[str]:
    return [f"DROP TEXT SEARCH CONFIGURATION keep_{name}; DROP TEXT SEARCH DICTIONARY keep_{name};" for name in STEMMERS]


class Migration(migrations.Migration):
    dependencies = [("testimonies", "0002_database_rules")]
    operations = [migrations.RunSQL(statements(), undo())]
