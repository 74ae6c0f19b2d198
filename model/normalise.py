"""One spelling for the many ways in which people type the same Russian sentence.

The same function runs before training and before inference, so that the model never meets a spelling it was not taught.
The tables lie here with an example beside each line; the steps below them are in the order that keeps
`normalise(normalise(text)) == normalise(text)`.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["CUT_WORD", "normalise"]

# Characters that nobody sees. Each line: the class of a regular expression, what it is, where it comes from.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f",  # control characters: «Минобороны\x07», left over by old databases
    "\u00ad",  # soft hyphen: «пере\u00adговоры», from web pages
    "\u034f\u061c\u180e",  # joiners and marks of other scripts, pasted along
    "\u200b-\u200f",  # zero-width spaces and joiners, left-to-right marks: «ПВО\u200b»
    "\u202a-\u202e\u2060-\u206f",  # bidirectional embedding, word joiner: «\u2066С-400\u2069»
    "\ufe00-\ufe0f",  # variation selectors: the second half of «❗️»
    "\ufeff",  # byte-order mark inside a joined file
    "\ufff9-\ufffb\U000e0000-\U000e01ef",  # annotation marks, language tags
    "\ud800-\udfff",  # lone surrogates: halves of an emoji, which no tokeniser takes
)
_REMOVE = re.compile("[" + "".join(_INVISIBLE) + "]")

# Every dash becomes the hyphen: spaces alone tell a dash from a hyphen in real text («Москва - столица»).
_DASHES = (
    "\u2010\u2011",  # hyphen, non-breaking hyphen: «военно‑морской»
    "\u2012\u2013",  # figure dash, en dash: «2014–2018»
    "\u2014\u2015",  # em dash, bar: «Москва — столица», «― Так точно!»
    "\u2043\u2212",  # hyphen bullet, minus: «−5 градусов»
    "\u2e3a\u2e3b",  # two- and three-em dash
    "\ufe58\ufe63\uff0d",  # small and full-width forms
)
_QUOTES = (
    "«»‹›",  # «Алмаз»
    "„“”‟",  # „Алмаз“, “Алмаз”
    "\u301d\u301e\u301f\uff02",  # 〝Алмаз〞
)
_SINGLE_QUOTES = (
    "‘’‚‛",  # ‘Алмаз’, but also the apostrophe of «д’Артаньян»
    "`´\u02b9\u02bc\uff07",  # `Алмаз´, «Кот-д`Ивуар»
)
_OTHER = {"…": "..."}  # «Посмотрим…»
_PUNCTUATION = (
    dict.fromkeys("".join(_DASHES), "-")
    | dict.fromkeys("".join(_QUOTES), '"')
    | dict.fromkeys("".join(_SINGLE_QUOTES), "'")
    | _OTHER
)
_ODD = re.compile("[" + "".join(_PUNCTUATION) + "]")  # str.translate would be four times slower

# Latin letters that look like Cyrillic ones: typists and evaders of filters put them into Russian words.
_LOOK_ALIKES = dict(
    zip(
        "ABCEHKMOPTXYaceopxyáéóýëË",  # «Mосква», «pакета»; the second-hand stress of «зáмок», the ё of «пoлëт»
        "АВСЕНКМОРТХУасеорхуаеоуёЁ",
        strict=True,
    )
)
_LATIN = f"[{''.join(_LOOK_ALIKES)}]"
_TO_CYRILLIC = str.maketrans(_LOOK_ALIKES)
_MARKS = "\u0300-\u036f"  # combining accents
_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
_FOREIGN = re.compile(rf"[^\u0400-\u052f{_MARKS}{''.join(_LOOK_ALIKES)}]")
_SEAM = re.compile(rf"[\u0400-\u052f][{_MARKS}]*{_LATIN}|{_LATIN}[{_MARKS}]*[\u0400-\u052f]")

_VOWEL_MARKS = re.compile(rf"([аеёиоуыэюяАЕЁИОУЫЭЮЯ])([{_MARKS}]+)")
# What there is to clean: a mark, or a vowel that has one in one character; й and ў keep theirs.
_MARKED = re.compile(f"[{_MARKS}ёЁѐЀѝЍӐ-ӓӖӗӢ-ӧӬ-ӳӸӹ]")
# Words that stay capitals in a text that is all capitals, each known from news: «ПВО СБИЛА ДВА БЕСПИЛОТНИКА». Those
# that small letters make into another word are left out: «ПРО» is also «про».
_ACRONYMS = frozenset(
    "АТО АЭС БМП БПЛА БТР ВВП ВВС ВДВ ВКС ВМС ВМФ ВПК ВС ВСУ ВЦИОМ ГРУ ДНР ДРГ ЕАЭС ЕС ЗРК ИГ ИГИЛ "  # noqa: SIM905
    "КНДР КНР КСИР ЛНР МАГАТЭ МВД МИД МО МЧС НАТО НКР ОАЭ ОБСЕ ОДКБ ОЗХО ООН ОПК ПВО ПЗРК ПТРК РВСН РЛС РСЗО РФ РЭБ "
    "СБ СБУ СВО СВР СК СНВ СНГ СССР США ТАСС ТОФ ФРГ ФСБ ЦАХАЛ ЦВО ЦРУ ЧВК ЧФ ШОС ЮВО".split()
)
_CAPITALS = re.compile(r"([А-ЯЁA-Z]+)(-\d)?")
_LONG_WORD = 6  # letters from which on a word is hardly an acronym
_FEWEST_WORDS = 3

# False spaces of Telegram posts: the blank Braille cell, and the Hangul filler, which counts as a letter of the word.
_FALSE_SPACE = re.compile("[\u2800\u3164]")
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_SOFT_BREAK = re.compile(r"\u00ad[^\S\n]*\n\s*")
# The soft hyphen as programs for scanned pages write it: «рас¬\nчёты», and «рас¬чёты» where the lines were joined.
_OCR_HYPHEN = re.compile(rf"(?:(?<=[^\W\d_])|(?<=[{_MARKS}]))¬(?:[^\S\n]*\n\s*)?(?=[^\W\d_])")
CUT_WORD = re.compile(r"(?<=\w)-[^\S\n]*\n\s*(?=\w)")
_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_DOUBLED = re.compile(r'"{2,}|<<|>>')
_QUOTE_RUN = re.compile(r'"{2,}')
_DASH_RUN = re.compile("-{2,}")
_DOTS = re.compile(r"\.{4,}")


def normalise(text: str) -> str:
    """Return `text` in the one spelling that the model reads.

    Composes characters (Unicode NFC), writes ё as е, all quotes as `"`, all dashes as `-`, an ellipsis as `...`, any
    run of whitespace as one space and none at the ends. Removes invisible characters and stress marks.

    Joins a word that was cut at a soft hyphen, also at the sign ¬ that programs for scanned pages write in its place,
    and one that a line break cut at its hyphen («материально-» / «технического»); the hyphen stays, as nothing
    tells a compound from a plain hyphenation. Repairs Latin look-alikes in a word that holds Cyrillic letters and no
    other Latin letter, so that «pакета» is mended while "C-400" and "F-16" stay.

    A text of three words or more that is all capitals is written in small letters, but for its first letter and
    well-known acronyms («ПВО СБИЛА ДРОН В ТУЛЕ» becomes «ПВО сбила дрон в туле»). Otherwise letter case stays.

    Idempotent, and linear in the length of the text. Digits and emoji stay.
    """
    text = _SOFT_BREAK.sub("", _LINE_ENDS.sub("\n", _FALSE_SPACE.sub(" ", text)))
    text = unicodedata.normalize("NFC", _OCR_HYPHEN.sub("", _REMOVE.sub("", text)))
    if _SEAM.search(text):
        text = _WORD.sub(_repair, text)
    text = _clean_vowels(text)
    text = _DASH_RUN.sub("-", _ODD.sub(_plain, text))
    text = CUT_WORD.sub("-", text)
    text = _QUOTE_RUN.sub('"', _DOUBLED.sub('"', _APOSTROPHE.sub('"', text)))
    return _quieten(" ".join(_DOTS.sub("...", text).split()))


def _plain(match: re.Match[str]) -> str:
    """Return the matched character as it is written everywhere."""
    return _PUNCTUATION[match.group()]


def _quieten(text: str) -> str:
    """Return a text that is all capitals in small letters; any other text as it is."""
    if not text.isupper():
        return text
    words = [word for word, _ in _CAPITALS.findall(text)]
    if len(words) < _FEWEST_WORDS or max(map(len, words)) < _LONG_WORD:
        return text
    quiet = _CAPITALS.sub(_quieten_word, text)
    first = next(place for place, letter in enumerate(quiet) if letter.isalpha())
    return quiet[:first] + quiet[first].upper() + quiet[first + 1 :]


def _quieten_word(match: re.Match[str]) -> str:
    """Return a word of capitals in small letters; acronyms stay, and names of models keep their first letter."""
    word, number = match.groups()
    if number:
        return f"{word.capitalize()}{number}"  # «СУ-35», «С-400»
    return word if word in _ACRONYMS else word.lower()


def _repair(match: re.Match[str]) -> str:
    """Return the matched word with Latin look-alikes as Cyrillic letters, if it is a Russian word at heart."""
    word = match.group()
    if _FOREIGN.search(word) or not _SEAM.search(word):
        return word
    return word.translate(_TO_CYRILLIC)


def _clean_vowels(text: str) -> str:
    """Remove stress marks from Russian vowels and the dots of ё; й stays й."""
    if not _MARKED.search(text):
        return text
    # Decomposed, ё is «е» and a mark like any other, so one pass does both and nothing new can compose afterwards.
    return unicodedata.normalize("NFC", _VOWEL_MARKS.sub(_keep_breve, unicodedata.normalize("NFD", text)))


def _keep_breve(match: re.Match[str]) -> str:
    """Return the matched vowel without marks, except the breve that makes и into й (and у into ў)."""
    vowel, marks = match.groups()
    return vowel + ("\u0306" if "\u0306" in marks and vowel in "иИуУ" else "")
