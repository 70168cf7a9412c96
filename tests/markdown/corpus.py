"""Markdown that is hard on a parser that sees it piece by piece."""

from random import Random

ANSWER = """# Reading a file

Open it **once**, read it in *pieces*, and let `with` close it:

```python
from pathlib import Path

with Path("a.txt").open() as lines:
    for line in lines:
        print(line)  # one by one
```

1. **First** step with `code`
2. Second step
   - nested one
   - nested two

   ```sh
   cat a.txt | head
   ```
3. Third

| Option | Meaning |
|:-------|--------:|
| `a`    | the *first*<br>of two |
| `b`    | the second |

> Quoted words
> go on here

The mean is $\\frac{1}{n}\\sum_i x_i$, and \\(x > 0\\).

$$
e^{i\\pi} + 1 = 0
$$

- [ ] open
- [x] done ~~gone~~

See https://example.com/a?b=c and [the docs](https://docs.example.com "Docs").
"""

NASTY = [
    "",
    "\n",
    "   ",
    "\n\n \t\n",
    "one\n\ntwo\n\nthree\n",
    "lazy\n> quote\nlazy line\n\nend\n",
    "- a\nlazy\n\n  b\n- c\n\n\nend\n",
    "- a\n\n\n    code\n- b\n  - c\n    - d\n\n      e\n",
    "1. a\n2. b\n\n3) c\n\n- d\n+ e\n* f\n",
    "10. ten\n\n    still ten\n\n   not ten\n",
    "Setext\n===\n\nAnother\n---\ntext\n---\n",
    "text\n-\n\n- \n\n-\n  a\n",
    "before\n| a | b |\n|---|---|\n| 1 | 2 |\nafter\n\nend",
    "<pre>\r\n2) \n| - |",
    "http://x.y\n    indented | cell\n--|--\n1 | 2\n",
    "| a |\n|---|\n\n| not a table |\n\n|---|\n",
    "- item\n  ```py\n  x = 1\n\n  y = 2\n  ```\n  more\n- next\n",
    "> ```\n> quoted fence\n\nout\n> - list\n>\n>   in quote\n",
    "```\nopen fence\n\n# not a heading\n- nor a list",
    "````md\n```\ninner\n```\n````\nafter\n",
    "~~~ x\n```\n~~~~\n   ~~~\nafter",
    "  ```\n  a\n b\n```  \nafter\n",
    "``` not`a fence\n\n```\n\nfence\n",
    "    code\n\n    more\n\ttab\n  text\n",
    "# h\ntext\n#not\n####### seven\n## closed ##\n#\n",
    "<div>\n*not raw*\n\n</div>\n\n<!-- \n\ncomment -->\n<script>\nx\n</script>\n",
    "<details><summary>s</summary>\n\n- a\n</details>\n",
    "a\rb\r\rc\r\n\r\nd\n\re",
    "a\u2028b\u2029c\x85d\x0be\x0cf\n\ng",
    "nul\0byte\n\n\ufeff# bom\n\ud83d lone\n\ufdd0\n",
    "***\n---\n___\n* * *\n- - -\ntext\n***\n",
    "**bold\n\nnot bold** `code\n\nnot code`\n",
    "$$\nx\n\ny\n$$\n\n\\[\nz\n\\]\n\n\\(a\n\nb\\)\n",
    "$a$ $5 and $6 $$b$$ $`c`$\n\n```math\n\\frac{a}{b}\n```\n",
    "a\\\nb  \nc\n\n\\# \\* \\[\n",
    "[a](b\nc) ![d](e) [f][g] [h]\n\n[i](<j k>)\n",
    "שלום **עולם** abc\n\n- مرحبا\n\n| א | b |\n|---|---|\n",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301\u0302 👍🏽\n\n- 🙂\n```\n🙂🙂\n```\n🙂",
    "word&nbsp;&amp;&#65;&bogus; & < > \" '\xa0\n",
    "- [ ] a\n- [x] b\n  - [ ] c\n- [x\n",
]

DEFINED = [
    "See [docs] and [x][y].\n\n[docs]: https://example.com\n[y]: <https://example.com/y> 'title'\n",
    "A note[^1] and another[^long].\n\n[^1]: Short.\n\n[^long]: First.\n\n    Second.\n\nEnd.\n",
    "[foo]: /url\n'title\nmore'\n\n[foo]\n",
    "[foo]: /url\n===\n\ntext\n",
]

_PIECES = [
    *("a", "b c", "text", "- ", "* ", "+ ", "1. ", "2) ", "> ", "# ", "###", "---", "***", "===", "```", "```py"),
    *("~~~", "    ", "  ", "\t", " ", "\n", "\n", "\n", "\n\n", "\n \n", "| a | b |", "|---|---|", "|", "--|--"),
    *("[x]", "[a](b)", "![i](u)", "`", "``", "**", "*", "_", "~~", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\"),
    *("<div>", "</div>", "<!--", "<br>", "<http://a.b>", "www.a.bc", "http://x.y/z", "a@b.c", "&amp;", "&", "<", '"'),
    *(
        "\r\n",
        "\r",
        "\u2028",
        "\0",
        "\ufeff",
        "\x0c",
        "\xa0",
        "שלום",
        "👩\u200d👧",
        "- [ ] t",
        "[x",
        "(t)",
        ":",
        "=",
        "-",
    ),
    *("1", "1.", ","),
]


def scribble(random: Random, most: int = 30) -> str:
    """A text of pieces that mean something to a Markdown parser."""
    return "".join(random.choices(_PIECES, k=random.randint(1, most)))


def cuts(random: Random, text: str) -> list[str]:
    """The text in pieces of random length."""
    longest, pieces, start = random.choice([1, 2, 7, 40]), [], 0
    while start < len(text):
        length = random.randint(1, longest)
        pieces.append(text[start : start + length])
        start += length
    return pieces
