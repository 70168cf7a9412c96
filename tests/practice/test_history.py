from chat.practice.history import Question, Turn, question, turns
from chat.providers import prompt
from chat.providers.base import CONTINUE


def test_a_prompt_without_roles_is_one_turn():
    assert turns("Hello") == [Turn("user", "Hello")]
    assert turns("User: is this one?") == [Turn("user", "User: is this one?")]


def test_a_prompt_comes_apart_as_it_was_put_together():
    history = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Two\nlines"},
        {"role": "assistant", "content": "Ends in space "},
        {"role": "user", "content": ""},
    ]
    assert turns(prompt.mapped(history)) == [Turn(turn["role"], turn["content"]) for turn in history]


def test_the_last_user_turn_is_what_is_asked():
    said = [Turn("user", "first"), Turn("assistant", "answer"), Turn("user", "second")]
    assert question(said) == Question("second", "second", "")


def test_a_request_to_continue_is_about_the_question_before():
    said = [Turn("user", "poem"), Turn("assistant", "### The"), Turn("user", CONTINUE)]
    assert question(said) == Question(CONTINUE, "poem", "### The")


def test_nothing_to_continue_is_no_trouble():
    assert question([Turn("user", CONTINUE)]) == Question(CONTINUE, "", "")
    assert question([]) == Question("", "", "")
