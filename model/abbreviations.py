"""Tables of the sentence splitter: what a full stop after a word can mean.

A linguist can extend them: one group a line, an example behind it. All entries are lower case, without the stop.
"""

from __future__ import annotations

__all__ = [
    "ALSO_WORDS",
    "COUNTED",
    "DOLLARS",
    "DUAL",
    "EQUIPMENT",
    "HEAD",
    "HEAD_OR_WORD",
    "HEAD_PAIRS",
    "MONTHS",
    "PREPOSITIONS",
    "SEASONS",
    "STARTERS",
    "TAIL",
    "TAIL_PAIRS",
    "UNITS",
]


def _words(*lines: str) -> frozenset[str]:
    """Return the words of all lines as one set."""
    return frozenset(word for line in lines for word in line.split())


# The word that they belong to follows: the sentence never ends here.
HEAD = _words(
    "им",  # академия им. Жукова
    "ген подп подполк кап капит лейт лейтен серж ефр адм марш плк",  # ген. Иванов
    "гв мл стар кавал бомб",  # 1-я гв. танковая армия, мл. сержант
    "акад проф доц инж чл-корр корр",  # акад. Королёв
    "нач зам пом зав ком деп през мин-р",  # нач. штаба, зам. командира
    "ул просп пр-кт пер бул наб пл ш шос мкр кв-л корп стр влад",  # ул. Ленина
    "пос дер рп ст-ца хут с-з",  # пос. Клинцы
    "оз хр ур",  # оз. Байкал, хр. Хамар-Дабан
    "св прп",  # св. Георгий
    "ст гл разд прил табл илл",  # ст. 275, рис. 3
    "см ср напр прим",  # см. приложение
    "доб моб",  # тел. 123-45-67
    "тов гр гр-н гр-ка г-н г-жа",  # тов. Сталин
    "обр",  # пушка обр. 1943 г.
    "ок прибл",  # ок. 200 человек
    "т.н т.е т.к т.ч и.о в.и.о",  # т.н. «буферная зона»
    "дж вс юр ал алекс",  # Дж. Буш
    "mr mrs ms dr prof gen col lt sgt st no vs",  # Gen. Milley
)
# The same, but only in front of a number, initials or a surname: otherwise they are whole words.
HEAD_OR_WORD = _words(
    "полк ряд",  # полк. Орлов, ряд. Седов | В город вошёл полк. Жители …
    "рис мод тел факс",  # рис. 3 | Привезли рис. Люди …
)
# Only after a number or a scale they close a phrase; otherwise their word follows.
DUAL = _words(
    "г",  # в 1943 г. | г. Курск
    "с",  # 287 с. | с. Казачья Лопань
    "д п л",  # 12 л. | д. 5, п. 3
    "м",  # 500 м. | м. Арбатская
    "т",  # 20 т. | т. 3
    "ч",  # 15 ч. | ч. 2 ст. 205
    "р",  # 500 р. | р. Днепр
    "о в а",  # о. Змеиный, XX в.
    "см",  # 76 см. | см. выше
    "кв к",  # кв. 12
)
# They close a phrase: a capital letter behind them begins a sentence, a small one or a digit does not.
TAIL = _words(
    "гг вв",  # 1941–1945 гг.
    "др пр проч",  # и др.
    "обл р-н р-на р-не края окр респ",  # в Курской обл.
    "ред",  # прим. ред.
    "экз",  # 500 экз.
    "оборуд вооруж",
    "inc corp ltd co al etc",  # Lockheed Martin Corp.
)
# Measures: even a digit may follow («5 ч. 20 мин.»).
UNITS = _words(
    "тыс млн млрд трлн",  # 5 тыс. снарядов
    "руб коп долл дол евр",  # 20 млрд руб.
    "чел шт ед тонн комп компл",  # 300 чел.
    "км кг мм га куб мин сек час мес кт мт барр л.с узл",  # 300 км.
)
# Of these, what is counted may follow with a capital letter: 12 ед. БТР, 40 шт. Су-35.
COUNTED = _words("шт ед экз комп компл")
EQUIPMENT = _words(
    "бтр бмп бмд бмпт мт-лб мрап брэм ббм",
    "сау рсзо птрк птур пзрк зрк зрпк зсу зу зур рлс рэб",
    "бпла бла бэк атгм ак акм ак-74 пкм рпг свд нурс фаб каб",
)
DOLLARS = _words("долл дол")  # 500 млн долл. США
MONTHS = _words("янв фев февр мар апр авг сен сент окт ноя нояб дек")  # 29 нояб. 2023

TAIL_PAIRS = _words("т.д т.п н.э с.г т.г т.ч л.с с.ш в.д з.д ю.ш у.е")  # и т. д.
HEAD_PAIRS = _words("т.е т.к т.н т.о и.о к.т д.т к.в к.и")  # т. н. «зелёный коридор»

# Abbreviations of razdel that are also plain words: before a capital letter take them for the word.
ALSO_WORDS = _words(
    "пол тел гор ум кит рус лат устар откр сокр",  # упал на пол. Он …
    "гос доп внутр час час изд а с о к у и я",
    "эт оф кн фр",
)

# Words that open a sentence but never follow a surname or a place name inside one.
STARTERS = _words(
    "он она оно они мы вы я ты это этот эта эти этого этому этим тот та те там тут здесь",
    "его её ее их ему ей им нам вам свою свой своих",
    "в во на по с со к ко о об от до за из у под при для без после перед через между среди около из-за",
    "а и но или однако также тоже затем потом тогда теперь сейчас сегодня вчера завтра ранее позднее позже",
    "кроме кстати напомним отметим однако поэтому причём причем впрочем между тем вместе",
    "как так что чтобы если когда где куда почему который какой кто чем пока хотя ведь именно",
    "не ни нет да уже ещё еще все всё всего весь вся каждый многие некоторые другие другой",
    "один одна два две три первый первая второй вторая",
)
SEASONS = _words("весной летом осенью зимой")  # Летом 1943 г. Красная армия …
# A line that ends with one of them goes on in the next line; a sentence that begins with one needs more than a date.
PREPOSITIONS = _words(
    "в во на по с со к ко о об от до за из у под при для без над перед через между среди около из-за из-под",
    "и а но или не ни что чтобы если как который которая которое которые когда где",
)
