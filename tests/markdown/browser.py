"""What a page holds after the changes of a growing text, as the page's script applies them."""

from chat.markdown import TAIL, Added, Block, Growing
from chat.markdown.rendering import escaped
from chat.markdown.source import units


class Page:
    """The blocks of one message; refuses what a page would have to ask for again."""

    def __init__(self, blocks: list[str] | None = None, held: int = 0) -> None:
        self.blocks = [*(blocks or [])]
        self.held = held
        self.received = 0

    def apply(self, changes: list[Block | Added]) -> None:
        for change in changes:
            if isinstance(change, Block):
                self._put(change)
            else:
                self._append(change)

    def _put(self, change: Block) -> None:
        assert change.index <= len(self.blocks), "a block must not leave a gap"
        self.blocks[change.index : change.index + 1] = [change.html]
        self.held = -1
        self.received += len(change.html.encode())

    def _append(self, change: Added) -> None:
        assert change.index == len(self.blocks) - 1, "only the last block grows"
        assert self.held in (-1, change.at), "the page holds another length"
        html = self.blocks[change.index]
        assert html.count(TAIL) == 1
        self.blocks[change.index] = html.replace(TAIL, escaped(change.text) + TAIL)
        self.held = change.at + units(change.text)
        self.received += len(change.text.encode())


def seen(html: str) -> str:
    """HTML without what nobody sees: the tail's span and line ends at the end of a text."""
    return html.replace(f"\n{TAIL}", "").replace(TAIL, "").replace("\n</", "</").rstrip("\n")


def shown(pieces: list[str]) -> tuple[Growing, Page]:
    """A text that came in these pieces, and the page that was told after each."""
    growing, page = Growing(), Page()
    for piece in pieces:
        growing.add(piece)
        page.apply(growing.take())
    return growing, page
