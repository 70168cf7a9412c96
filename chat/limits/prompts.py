"""What text a prompt may be, whoever sends it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat import inputs, lines
from chat.refusals import Refused


def check_prompt(text: str) -> str:
    """Returns the prompt as it will be stored; raises Refused when nothing of it can be seen or it is not text."""
    if not inputs.is_text(text):
        raise Refused("invalid", _("The message contains characters that are not text. Please remove them."))
    text = inputs.text(text)
    if lines.is_blank(text):
        raise Refused("invalid", _("The message is empty. Please write something first."))
    return text


def check_length(text: str, most: int) -> None:
    """Raises Refused when a prompt is longer than the user's limit."""
    if len(text) > most:
        raise Refused(
            "length",
            ngettext(
                "The message is too long by %(excess)d character; %(most)d are allowed. Please shorten it.",
                "The message is too long by %(excess)d characters; %(most)d are allowed. Please shorten it.",
                len(text) - most,
            )
            % {"excess": len(text) - most, "most": most},
        )
