import pytest

from chat.practice import answers
from chat.practice.history import Question


def told(message, so_far=""):
    return answers.answer(Question(message, message, so_far))


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("Hello!", "I am the **practice upstream**"),
        ("Show me some Python code", "```python"),
        ("a table, please", "| Planet"),
        ("make a list", "- [x] Write the list"),
        ("a poem", "### The lamp"),
        ("solve this equation", "$$"),
        ("show all markdown", "# Everything an answer may contain"),
        ("tell me a story", "harbour master"),
        ("!help", "`!stall`"),
        ("Привет", "учебный собеседник"),
        ("напиши код", "Возвращает"),
        ("таблица", "| Планета"),
        ("стихи", "### Лампа"),
        ("реши уравнение", "Корни уравнения"),
        ("помощь", "`!stall`"),
    ],
)
def test_words_lead_to_topics_in_the_language_of_the_question(message, part):
    assert part in told(message)


def test_another_question_is_answered_honestly():
    text = told("What is the meaning\nof <b>life</b>?")
    assert "> What is the meaning of <b>life</b>?" in text
    assert "practice upstream" in text
    assert "`code`" in text


def test_a_long_question_is_quoted_in_part():
    assert len(told("x " * 5000)) < 2000


@pytest.mark.parametrize("message", ["long", "напиши длинный ответ"])
def test_a_long_answer_is_many_pages(message):
    assert len(told(message)) > 15_000


def test_every_answer_is_always_the_same():
    for message in ("Hello", "long", "why?", "!size=5k code", "!line"):
        assert told(message) == told(message)


@pytest.mark.parametrize(
    ("message", "length"), [("!size=12345 code", 12_345), ("!chunks=200", 1000), ("!chunks=10 !chunk=3", 30)]
)
def test_the_length_can_be_chosen(message, length):
    assert len(told(message)) == length


def test_one_line_has_no_line_end():
    text = told("!line=100k")
    assert len(text) == 100_000
    assert "\n" not in text


@pytest.mark.parametrize("at", [1, 50, 400, 3000])
def test_a_continued_answer_goes_on_exactly_where_it_stopped(at):
    whole = told("code !cut !size=5k")
    assert whole[:at] + told("code !cut !size=5k", whole[:at]) == whole


def test_an_answer_whose_beginning_was_left_out_goes_on_too():
    whole = told("long")
    assert told("long", whole[3000:5000]) == whole[5000:]


def test_after_the_end_there_is_nothing_left_to_say():
    assert "all I had to say" in told("poem", told("poem"))
    assert "all I had to say" in told("poem", "Something else altogether.")


def test_every_topic_exists_in_both_languages():
    names = [{path.name for path in (answers._LIBRARY / language).iterdir()} for language in ("en", "ru")]
    assert names[0] == names[1]
    assert {f"{topic}.md" for topic in answers._TOPICS} - {"long.md"} | {"other.md", "help.md"} == names[0]
