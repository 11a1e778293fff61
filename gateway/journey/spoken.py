"""An event in the words of another software, ready for an envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import translate

if TYPE_CHECKING:
    from gateway.model.event import Event
    from gateway.translate import Dialect


def spoken(event: Event, dialect: Dialect) -> tuple[bytes, str]:
    """The body in that dialect, and its media type. Raises MappingFault when it has no words for the event."""
    return translate.write_vendor(event, dialect), f"{dialect.media_types[0]}; charset={dialect.encoding}"
