"""How head office logs: a line of text, or one JSON object a line for machines that collect logs.

Set up by `cli` for `serve`. Never handed shoppers' words, keys or tokens.
May touch the root logger.
"""

import json
import logging
import time

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """Writes each record as a JSON object on one line, so that nothing in a message can look like another."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        written = {
            "at": f"{at}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            written["error"] = self.formatException(record.exc_info)
        return json.dumps(written, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Writes each record on one line; a line break in a message is shown, not made."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Write the line; what follows of an error stands below it."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def set_up(form: str) -> None:
    """Log warnings and worse to stderr; `form` is text or json."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
