"""Templates into pages: everything said is escaped, nothing a template lacks is passed over."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway import __version__
from gateway.web import words
from gateway.web.moments import moment
from gateway.web.style import style_address


def render(template: str, **values: Any) -> str:
    """A whole page."""
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gateway.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        moment=moment,
        event_name=words.event_name,
        leg_state=words.leg_state,
        exchange_state=words.exchange_state,
        counted=words.counted,
    )
    made.globals.update(
        version=__version__,
        style=style_address,
        words=words,
    )
    return made
