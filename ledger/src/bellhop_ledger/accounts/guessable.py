"""Guessable passwords: what people try first, however it is dressed up (NIST SP 800-63B, 5.1.1.2).

A password is what is left of it without common words, words of its own context, rows of the keyboard, years and
repetitions. Libraries that estimate guesses were tried and take seconds for some passwords of 30 characters, which
anybody may send; this takes a millisecond.
"""

import re
import unicodedata

LEAST_LEFT = 5
"""Characters that must be left."""
COMMON = """
    access admin administrator alexander amanda america andrea andrew angel anthony apple april arsenal asdf
    ashley august austin autumn banana barcelona baseball basketball batman biteme blink buster butterfly chanel
    changeit changeme charlie cheese chelsea chocolate computer cookie correcthorsebatterystaple cowboys dallas
    daniel december default dragon eagles elizabeth family february flower football forever freedom friend
    fuckyou george ginger google guest hallo hannah harley hello hockey hunter iloveyou internet january jasmine
    jennifer jessica jesus jordan joshua july june justin killer letmein liverpool login london love lovely
    maggie manager march martin master matrix matthew merlin michael michelle monkey mustang naruto nicole ninja
    nothing november october oliver operator orange pass passw password passwort pepper pokemon princess purple
    qwer qwert qwerty qwertz ranger robert rockyou root samsung secret september shadow snoopy soccer spring
    starwars summer sunshine superman system taylor test testing thomas thunder tigger trustno user victoria
    welcome whatever william winter world yankees yellow zxcvbn
"""
"""What the lists of stolen passwords are full of, alone or with something behind it."""
OURS = ("bellhop",)
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl;",
    "zxcvbnm,./",
    "!@#$%^&*()",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
)
BOTH_WAYS = (*ROWS, *(row[::-1] for row in ROWS))
SHORTEST_RUN = 3
DRESSES = [str.maketrans("013457@$!|", f"o{one}eastas{one}{one}") for one in "il"]
"""Digits and signs that stand for letters."""
FOUND = "\0"
"""Stands where something common was: what is on both sides of it makes no word together."""


def is_guessable(password: str, *context: str) -> bool:
    """Whether this is tried early by whoever knows its context, such as the address of the account."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    words = sorted({*COMMON.split(), *OURS, *_words_of(context)}, key=len, reverse=True)
    return min(_left(text, words) for text in {plain, *map(plain.translate, DRESSES)}) < LEAST_LEFT


def _words_of(context: tuple[str, ...]) -> set[str]:
    """Return a context and its parts, as far as they are long enough to say something."""
    texts = [text.casefold() for text in context]
    parts = [part for text in texts for part in re.split(r"[\W_]+", text)]
    return {word for word in (*texts, *(text.partition("@")[0] for text in texts), *parts) if len(word) >= SHORTEST_RUN}


def _left(text: str, words: list[str]) -> int:
    for word in words:
        text = text.replace(word, FOUND)
    text = re.sub(r"(?:19|20)\d\d", FOUND, _without_runs(text))
    return len(re.sub(r"(.+?)\1+", r"\1", text).replace(FOUND, ""))


def _without_runs(text: str) -> str:
    """Take out what stands side by side on a keyboard or in the alphabet."""
    kept, place = [], 0
    while place < len(text):
        end = place + 1
        while end < len(text) and any(text[place : end + 1] in row for row in BOTH_WAYS):
            end += 1
        run = end - place >= SHORTEST_RUN
        kept.append(FOUND if run else text[place])
        place = end if run else place + 1
    return "".join(kept)
