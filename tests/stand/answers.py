"""What the practice upstream answers, to compare with what was kept."""

from chat.practice.answers import answer
from chat.practice.history import Question


def told(prompt: str) -> str:
    """The whole answer to a first prompt."""
    return answer(Question(prompt, prompt, ""))


def letters(text: str) -> str:
    """Text without white space and Markdown's marks, which a page and the source have in different places."""
    return "".join(character for character in text if character.isalnum())
