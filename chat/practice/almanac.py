"""A long read, put together from a few sentences: a gardener's year, week by week, in English and Russian."""

from typing import NamedTuple

PIECE = 5  # characters in a piece of an answer where a message counts pieces


class _Words(NamedTuple):
    title: str
    week: str
    months: str
    weather: list[str]
    work: list[str]
    seen: list[str]
    tasks: list[str]
    head: str


_WORDS = {
    "en": _Words(
        "A gardener's year, week by week",
        "Week",
        "January February March April May June July August September October November December",
        [
            "The wind came from the north and found every gap in the fence.",
            "Fog stood between the trees until noon and then went as if it had been called.",
            "Three dry days in a row; the soil crumbled in the hand as it should.",
            "Rain at night, sun by day: nobody could have ordered it better.",
            "A thunderstorm passed to the south and left only its coolness here.",
        ],
        [
            "I turned the compost, which is the one heap in the world that gets better by being disturbed.",
            "Most of the morning went into the edges of the beds, which visitors praise without noticing them.",
            "The old pear tree got its supports. It leans a little more each year, and so do I.",
            "I sharpened every blade in the shed, and then had no excuse left not to use one.",
            "Seedlings were moved one by one, each with its own thimbleful of earth.",
            "Nothing was done at all, on purpose; a garden also grows when it is looked at.",
            "The water butt was scrubbed, filled and covered, in that order and not, as last year, in another.",
        ],
        [
            "A blackbird followed two steps behind and inspected the result.",
            "The hedgehog has come back and behaves as if the lease were in its name.",
            "Somebody small has eaten the middle out of exactly one leaf per plant.",
        ],
        ["water the pots", "tie up the beans", "sweep the path", "write down the first frost", "leave the nettles"],
        "| To do | Done |\n|:------|:----:|\n",
    ),
    "ru": _Words(
        "Год садовника, неделя за неделей",
        "Неделя",
        "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
        [
            "Ветер дул с севера и нашёл каждую щель в заборе.",
            "Туман стоял между деревьями до полудня и ушёл так, будто его позвали.",
            "Три сухих дня подряд; земля рассыпалась в руке, как ей и положено.",
            "Ночью дождь, днём солнце: лучше и заказать нельзя.",
            "Гроза прошла южнее и оставила нам только прохладу.",
        ],
        [
            "Перекидывал компост — единственную кучу на свете, которой беспорядок идёт на пользу.",
            "Всё утро ушло на края грядок: гости хвалят их, сами того не замечая.",
            "Старая груша получила подпорки. Она с каждым годом клонится сильнее, и я тоже.",
            "Наточил в сарае всё, что режет, и не осталось повода ничего не резать.",
            "Пересаживал рассаду, каждый росток со своим напёрстком земли.",
            "Нарочно не делал ничего: сад растёт и тогда, когда на него просто смотрят.",
            "Бочку вымыл, наполнил и накрыл — именно в таком порядке, а не как в прошлом году.",
        ],
        [
            "Чёрный дрозд шёл в двух шагах позади и принимал работу.",
            "Ёж вернулся и ведёт себя так, будто дом записан на него.",
            "Кто-то маленький выел середину ровно у одного листа на каждом кусте.",
        ],
        ["полить горшки", "подвязать фасоль", "подмести дорожку", "записать первый мороз", "не трогать крапиву"],
        "| Сделать | Готово |\n|:--------|:------:|\n",
    ),
}


def written(language: str) -> str:
    """Return about 20 KB of Markdown; `language` is en or ru."""
    words = _WORDS[language]
    months = words.months.split()
    parts = [f"# {words.title}"]
    for week in range(52):
        if week * 12 // 52 != (week - 1) * 12 // 52:
            parts.append(f"## {months[week * 12 // 52].capitalize()}")
        parts += [f"### {words.week} {week + 1}", _paragraph(words, week)]
        if week % 4 == 3:
            parts.append(_table(words, week))
    return "\n\n".join(parts) + "\n"


def _paragraph(words: _Words, week: int) -> str:
    sentences = [
        words.weather[week % len(words.weather)],
        words.work[week % len(words.work)],
        words.work[(3 * week + 2) % len(words.work)],
        words.seen[week % len(words.seen)],
    ]
    return " ".join(dict.fromkeys(sentences))


def _table(words: _Words, week: int) -> str:
    rows = (f"| {task} | {'✓' if (week + at) % 3 else '—'} |" for at, task in enumerate(words.tasks))
    return words.head + "\n".join(rows)
