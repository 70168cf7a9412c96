"""Texts in which nobody can see anything."""

INVISIBLE = {
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "selector alone": "\ufe0f",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "joiners alone": "\u200d\u200c\u200d",
    "Hangul fillers": "\u3164\u115f\u1160\uffa0",
    "Braille blank": "\u2800\u2800",
    "Mongolian separator": "\u180e",
    "overrides of direction": "\u202e\u2066\u2069\u200f\u061c",
    "marks alone": "\u0301\u0489\u034f",
    "private use": "\ue000\U000f0000",
    "controls": "\x01\x1b\x7f\x85",
    "spaces": "\u00a0\u2003\u3000\u1680",
    "no characters": "\ufffe\U0001ffff\ufdd0",
    "byte order marks": "\ufeff" * 50,
}
