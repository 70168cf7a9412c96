"""What two user names have in common when people cannot tell them apart; pure, no Django."""

import unicodedata

# Letters of other scripts that look like Latin ones in most typefaces, after case folding.
LOOKS_LIKE = str.maketrans(
    {
        **dict(zip("асеоріјѕухһԁԛԝвкмнтгӏѵ", "aceopijsyxhdqwbkmhtrlv", strict=True)),
        **dict(zip("αβγεικνορτυχωϲ", "abyeiknoptuxwc", strict=True)),
        **dict(zip("աոսօցհյզ", "wnuogjjq", strict=False)),
        "ı": "i",
        "0": "o",
        "1": "l",
        "i": "l",
        "|": "l",
    }
)
MOST_CHARS = 150
MOST_TYPED = 320  # as long as an e-mail address may be; some characters stand for eighteen others


def lookalike(name: str) -> str:
    """The same for all names that look alike: upper and lower case, other widths, other scripts' letters, 0 and o."""
    plain = unicodedata.normalize("NFKC", name[:MOST_TYPED]).casefold()
    return plain.translate(LOOKS_LIKE).translate(LOOKS_LIKE)[:MOST_CHARS]


def scripts(name: str) -> set[str]:
    """The writing systems of a name's letters, as Unicode's own names begin: LATIN, CYRILLIC, GREEK …"""
    return {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in name if letter.isalpha()}
