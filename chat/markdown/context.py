"""What of a message came before a block, as far as it matters to how the block is rendered."""

import re
from dataclasses import dataclass, replace

_LONGEST_FORMULA = 2_000
_MOST_FORMULAS = 300
_MOST_CHARACTERS = 20_000

_HEADING = re.compile(r"<h([1-6])(?= |>)")
_ABOVE = 2
"""The level of the heading that each message has above its text."""


@dataclass
class Context:
    """The formulas of one message so far, and the level of its last heading."""

    formulas: int = 0
    characters: int = 0
    level: int = _ABOVE

    def spend(self, tex: str) -> bool:
        """Count a formula; whether it can still become MathML."""
        self.formulas += 1
        self.characters += len(tex)
        return self.formulas <= _MOST_FORMULAS and self.characters <= _MOST_CHARACTERS and len(tex) <= _LONGEST_FORMULA

    def levelled(self, html: str) -> str:
        """The block's HTML with the levels that its headings have on a page: none skips one, whatever a model wrote."""
        return _HEADING.sub(self._levelled, html)

    def _levelled(self, heading: re.Match[str]) -> str:
        self.level = min(self.level + 1, int(heading[1]) + _ABOVE)
        return f'{heading[0]} aria-level="{self.level}"'

    def copy(self) -> "Context":
        return replace(self)
