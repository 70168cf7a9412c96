"""A page's document without a browser: built from HTML, changed by fragments exactly as the page's script does."""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
KEEPS_SPACE = {"pre", "textarea"}


@dataclass(eq=False)
class Element:
    """An element with its attributes and its children, which are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    parent: "Element | None" = None

    def append(self, child: "Element | str") -> None:
        if isinstance(child, str) and self.children and isinstance(self.children[-1], str):
            self.children[-1] += child  # as a document counts text: neighbours are one
        else:
            self.children.append(child)
        if isinstance(child, Element):
            child.parent = self

    def every(self) -> "list[Element]":
        """This element and all below it, in the order of the document."""
        found = [self]
        for child in self.children:
            if isinstance(child, Element):
                found += child.every()
        return found

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def html(self, *, keeps_space: bool = False) -> str:
        """One spelling for equal documents: white space between tags is left out, all else stays."""
        keeps_space = keeps_space or self.tag in KEEPS_SPACE
        names = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        inner = "".join(
            child.html(keeps_space=keeps_space) if isinstance(child, Element) else _text(child, keeps_space)
            for child in self.children
        )
        return f"<{self.tag}{names}>" if self.tag in VOID else f"<{self.tag}{names}>{inner}</{self.tag}>"


def _text(text: str, keeps_space: bool) -> str:
    return escape(text, quote=False) if keeps_space or text.strip() else ""


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._open = Element("root")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}>"
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.append(data)


def parse(html: str) -> Element:
    """The root of a document or of a piece of one; refuses tags that are not closed in order."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.root is builder._open, f"<{builder._open.tag}> is not closed"
    return builder.root


class Document:
    """The messages of a page: from its HTML, then changed by frames."""

    def __init__(self, html: str = '<div class="messages" id="messages"></div>') -> None:
        self.root = parse(html)
        self._by_id = {e.attributes["id"]: e for e in self.root.every() if "id" in e.attributes}

    def get(self, name: str) -> Element | None:
        return self._by_id.get(name)

    @property
    def messages(self) -> list[Element]:
        shown = self._by_id["messages"].children
        return [child for child in shown if isinstance(child, Element)]

    @property
    def blocks(self) -> list[str]:
        """The HTML of each block of the last message."""
        inside = self.messages[-1].every() if self.messages else []
        return [element.html() for element in inside if element.attributes.get("class") == "block"]

    @property
    def shown(self) -> str:
        """All messages, in a spelling that is the same for equal ones."""
        return "".join(message.html() for message in self.messages)

    def place(self, fragment: dict[str, Any]) -> bool:
        """Apply one fragment; False when it does not fit and the page would ask for the message again."""
        old = self.get(fragment["id"])
        if "append" in fragment:
            return self._lengthen(old, fragment["append"], fragment["at"])
        if not fragment["html"]:
            if old is not None:
                self._forget(old).children.remove(old)
            return True
        (fresh,) = (child for child in parse(fragment["html"]).children if isinstance(child, Element))
        if old is not None:
            home = self._forget(old)
            home.children[home.children.index(old)] = fresh
            fresh.parent = home
        elif (into := self.get(fragment["into"])) is not None:
            into.append(fresh)
        else:
            return False
        self._by_id |= {e.attributes["id"]: e for e in fresh.every() if "id" in e.attributes}
        return True

    def _lengthen(self, tail: Element | None, added: str, at: int) -> bool:
        if tail is None or tail.attributes.get("data-held") != str(at):
            return False
        tail.append(added)
        tail.attributes["data-held"] = str(at + len(added.encode("utf-16-le")) // 2)
        return True

    def _forget(self, element: Element) -> Element:
        for each in element.every():
            self._by_id.pop(each.attributes.get("id", ""), None)
        assert element.parent is not None
        return element.parent
