"""Sentences of several languages and scripts: some real words, and many made of syllables, as rare as words of a language are."""

import math
import random
from functools import cache

LANGUAGES = {"en": 52, "ar": 22, "ru": 8, "de": 6, "fr": 6, "tr": 3, "es": 2, "nl": 1}
"""Language -> how often, in hundredths."""
N_WORDS, N_SENTENCES = 6_000, 3_000
COMMON = {
    "en": "the of and to in that was for they with when from road village letter border winter bread school court promise order",
    "ar": "في من على إلى أن كان مع هذا التي عن طريق قرية رسالة حدود شتاء خبز مدرسة محكمة وعد صمت أخ ليل مخيم قصة عودة",
    "ru": "и в не на что он с как это по дорога деревня письмо граница зима хлеб школа суд обещание тишина брат ночь лагерь",
    "de": "der die und in den von zu das mit sich Straße Dorf Brief Grenze Winter Brot Schule Gericht Versprechen Stille Bruder",
    "fr": "de la le et les des en un du une route village lettre frontière hiver pain école tribunal promesse silence frère nuit",
    "tr": "ve bir bu için ile da çok gibi daha olarak yol köy mektup sınır kış ekmek okul mahkeme söz sessizlik kardeş gece",
    "es": "de la que el en y a los se del camino pueblo carta frontera invierno pan escuela tribunal promesa silencio hermano",
    "nl": "de van en het een in is dat op te weg dorp brief grens winter brood school rechtbank belofte stilte broer nacht",
}
SYLLABLES = {
    "ar": "با كل مر نو سا تي ور زن در حم جل فق شر عل قد هم".split(),
    "ru": "ба ке ли мо ну ра се ти во за дал фир гол нор пер".split(),
}
LATIN = "ba ke li mo nu ra se ti vo za bren dal fir gol han jor kal lum mer nor pal ros sal tam ver wil".split()


@cache
def vocabulary(language: str) -> list[str]:
    """The most frequent word first. Words that are made are different in each language."""
    rng, syllables = random.Random(f"words {language}"), SYLLABLES.get(language, LATIN)
    found = dict.fromkeys(COMMON[language].split())
    mark = "" if language in SYLLABLES else {"en": "", "de": "ü", "fr": "é", "tr": "ş", "es": "ñ", "nl": "ij"}[language]
    while len(found) < N_WORDS:
        found["".join(rng.choices(syllables, k=rng.choice((2, 3, 3, 4)))) + mark] = None
    return list(found)


@cache
def sentences(language: str) -> list[str]:
    rng, words = random.Random(f"sentences {language}"), vocabulary(language)
    scale = math.log(len(words))
    return [
        " ".join(words[int(math.exp(rng.random() * scale)) - 1] for _ in range(rng.randint(7, 15))).capitalize() + "."
        for _ in range(N_SENTENCES)
    ]


def passage(rng: random.Random, language: str, n: int) -> str:
    """So many sentences."""
    return " ".join(rng.choices(sentences(language), k=n))
