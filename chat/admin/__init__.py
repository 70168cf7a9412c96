"""The administrators' door: people, and conversations as read-only transcripts."""

from chat.admin import conversations, people

__all__ = ["conversations", "people"]
