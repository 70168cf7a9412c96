"""What a user may ask now: characters, length, replies at once, messages a minute and a day, and a whole site's day."""

from chat.limits.allowances import Allowance, allowance
from chat.limits.exporting import take_export
from chat.limits.prompts import check_prompt
from chat.limits.spending import spend
from chat.refusals import Reason, Refused, busy, signed_out

__all__ = [
    "Allowance",
    "Reason",
    "Refused",
    "allowance",
    "busy",
    "check_prompt",
    "signed_out",
    "spend",
    "take_export",
]
