"""Text → safe HTML blocks: `blocks` for a finished text, `Growing` for one that still arrives. Pure, no Django.

Two walls stand between a model's answer and the page. The parser is never shown anything it could take for HTML, so a
tag in an answer is text; and what the parser made passes an allow-list without ids, styles, images and foreign links.
Only then are our own parts added (code frames, syntax colours, formulas, the tail span), which no answer can imitate.
"""

from chat.markdown.apart import WORKERS, blocks
from chat.markdown.growing import Growing
from chat.markdown.rendering import TAIL
from chat.markdown.shown import Added, Block

__all__ = ["TAIL", "WORKERS", "Added", "Block", "Growing", "blocks"]
