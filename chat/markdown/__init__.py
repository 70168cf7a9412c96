"""Text → safe HTML blocks: `blocks` for a finished text, `Growing` for one that still arrives. No Django.

Two walls stand between a model's answer and the page. The parser is never shown anything it could take for HTML, so a
tag in an answer is text; and what the parser made passes an allow-list without ids, styles, images and foreign links.
Only then are our own parts added (code frames, syntax colours, formulas, the tail span), which no answer can imitate.

Whatever a text is, rendering it is bounded. The parser sees at most `source.LARGEST` characters of a block in this
process (`growing` cuts longer ones), and only so much of what costs it more than it should (`source.guarded`); finished
texts that are long go to a process with limits on time and memory (`apart`), and are shown as written if it fails.
"""

from chat.markdown.apart import WORKERS, as_written, blocks
from chat.markdown.growing import Growing
from chat.markdown.rendering import TAIL
from chat.markdown.shown import Added, Block

__all__ = ["TAIL", "WORKERS", "Added", "Block", "Growing", "as_written", "blocks"]
