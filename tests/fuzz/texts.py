"""Texts that repeat pieces of Markdown: what parsers are slow at is nearly always something that comes often."""

from random import Random

from tests.markdown.corpus import ANSWER

LARGEST = 200_000
"""Characters of a reply, if nobody has set CHAT_MAX_REPLY_CHARS."""
HARMLESS = (f"{ANSWER}\n\n" * (LARGEST // len(ANSWER)))[:LARGEST]

_MARKS = r"""* ** *** _ __ ~ ~~ ~~~ ` `` ``` ```` $ $$ $` `$ \( \) \[ \] \\ [ ] ( ) ![ ]( ][ [^ [^1] ]: [a]: < > <a
<!-- <? & &amp; &#0; # ## ---- === | |- |a| :- -: - + 1. 2) 9. [x] @ a@b.c .@ http:// https://a.b www. www.a.b ://
mailto: xmpp: " ' ' " "a" ( (" <b> </b> <br> <http://a.b> <a@b.c> \begin{ \end{ \frac ^ {"""
_WORDS = ("a", "b.c", "Wort", "слово", "中文", "1", "\u0301", "\u202e", "\ufdd0", "\xa0", "é")
_SPACES = (" ", "  ", "    ", "\t", "\n", "\n\n", "\n  ", "\n    ", "\r\n", "  \n", "\\\n")
_LINES = ("\n> ", "\n- ", "\n1. ", "\n| ", "\n# ", "\n```\n", "\n$$\n")
_ALPHABET = (*_MARKS.split(), *_WORDS, *_SPACES, *_LINES)


def text(random: Random) -> str:
    """One to three runs, each of a short piece that is repeated; alone, nested in one another, or with a tail."""
    runs = [_piece(random) for _ in range(random.choice((1, 1, 1, 2, 2, 3)))]
    length = LARGEST // len(runs)
    parts = [(run * (length // len(run) + 1))[:length] for run in runs]
    return random.choice(("", "", "", "\n\n", " ", *_ALPHABET)).join(parts)[:LARGEST]


def _piece(random: Random) -> str:
    return "".join(random.choice(_ALPHABET) for _ in range(random.choice((1, 1, 2, 2, 3, 3, 4, 6, 12))))
