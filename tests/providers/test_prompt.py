import pytest

from chat.providers import prompt
from chat.providers.base import CONTINUE


def said(*turns):
    return [{"role": role, "content": content} for role, content in turns]


def test_a_single_message_is_sent_as_it_is():
    assert prompt.mapped(said(("user", " Hello\n"))) == " Hello\n"


def test_several_messages_become_lines_that_end_with_the_assistants_turn():
    history = said(("user", "Hi"), ("assistant", "Hello!"), ("user", "How are\nyou?"))
    assert prompt.mapped(history) == "User: Hi\nAssistant: Hello!\nUser: How are\nyou?\nAssistant:"


def test_the_system_message_comes_first():
    assert prompt.mapped(said(("user", "Hi"), ("system", "Be brief."))) == "System: Be brief.\nUser: Hi\nAssistant:"


def test_the_oldest_turns_are_cut():
    history = said(
        *[(role, f"{role} {number}") for number in range(50) for role in ("user", "assistant")], ("user", "?")
    )
    cut = prompt.mapped(history, 120)
    assert len(cut) <= 120
    assert cut.endswith("User: user 49\nAssistant: assistant 49\nUser: ?\nAssistant:")
    assert "user 40" not in cut


def test_the_system_message_and_the_last_turn_are_never_cut():
    history = said(("system", "S" * 50), ("user", "old"), ("assistant", "old"), ("user", "U" * 50))
    assert prompt.mapped(history, 10) == f"System: {'S' * 50}\nUser: {'U' * 50}\nAssistant:"


def test_one_turn_left_over_is_sent_as_it_is():
    assert prompt.mapped(said(("user", "old"), ("assistant", "old"), ("user", "U" * 50)), 10) == "U" * 50


def test_every_length_is_kept_where_it_can_be():
    history = said(("system", "Short."), *[("user", "x" * number) for number in range(40)], ("user", "last"))
    shortest = len(prompt.mapped(history, 0))
    for length in range(shortest + 15, 1500, 7):
        assert len(prompt.mapped(history, length)) <= length


def test_before_a_request_to_continue_the_end_of_the_text_stays():
    history = said(("user", "Q" * 500), ("assistant", "a" * 500 + "THE END"), ("user", CONTINUE))
    cut = prompt.mapped(history, 200)
    assert len(cut) <= 200
    assert f"THE END\nUser: {CONTINUE}\nAssistant:" in cut
    assert "Q" not in cut


def test_no_message_at_all_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no message"):
        prompt.mapped([])
