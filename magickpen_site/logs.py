"""How lines of the log look; none tells the secret part of a link."""

import logging
import re

SECRET_PART = re.compile(r"(/(?:invite|setup|share|confirm-email|password/reset/key)/)[^/\s]+")


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return SECRET_PART.sub(r"\1…", super().format(record))
