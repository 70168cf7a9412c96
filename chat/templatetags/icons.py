"""Icons for templates: `{% icon "pin" %}` draws a symbol of the sprite, next to words or a label that say the same."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """The symbol of that name in `static/icons/sprite.svg`; readers who listen are not told of it."""
    return format_html('<svg aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons/sprite.svg"), name)
