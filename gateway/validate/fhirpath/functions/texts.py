"""Functions on texts (FHIRPath 2.0 §5.6). Patterns come from definitions, texts from anyone: matching is timed."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions.function import Function, given_number, given_text
from gateway.validate.fhirpath.operators import text_of
from gateway.validate.fhirpath.values import NotEvaluated, plain, single

STEPS_A_SECOND = 1_000_000  # what other work of an expression does in a second
PATIENCE = 0.02  # seconds for one match; patterns of published definitions need microseconds
_PATTERNS: dict[str, Any] = {}
_KEPT = 500


def _text(items: Collection) -> str | None:
    value = single(items)
    if value is not None and not isinstance(value, str):
        return text_of(value)
    return value


def pattern(text: str) -> Any:
    """A compiled pattern (`.` means a new line too, as the reference has it); NotEvaluated when it is none."""
    import regex  # 30 ms: most validations match no pattern of an expression

    made = _PATTERNS.get(text)
    if made is None:
        try:
            made = regex.compile(text, regex.DOTALL)
        except (regex.error, OverflowError, RecursionError) as error:
            raise NotEvaluated("a pattern that is no regular expression") from error
        if len(_PATTERNS) >= _KEPT:
            _PATTERNS.clear()
        _PATTERNS[text] = made
    return made


def timely(match: Callable[[], Any]) -> Any:
    """The answer of a match; NotEvaluated when it took too long."""
    try:
        return match()
    except TimeoutError as error:
        raise NotEvaluated("a pattern that takes too long") from error


def _matching(how: str) -> Function:
    """`search` or `fullmatch`. What a match takes counts as work: many slow ones are as bad as one that never ends."""

    def function(context: Context, items: Collection, wanted: Evaluate, *flags: Evaluate) -> Collection:
        text, sought = _text(items), given_text(context, wanted)
        if sought is None or text is None:
            return [] if sought is None else [False]
        began = perf_counter()
        match = getattr(pattern(sought), how)
        found = timely(lambda: match(text, timeout=PATIENCE)) is not None
        context.spend(int((perf_counter() - began) * STEPS_A_SECOND))
        return [found]

    return function


def _replace_matches(context: Context, items: Collection, wanted: Evaluate, by: Evaluate, *_: Evaluate) -> Collection:
    text, sought, put = _text(items), given_text(context, wanted), given_text(context, by)
    if text is None or sought is None or put is None:
        return []
    if not sought:
        return [text]
    import regex

    groups = regex.sub(r"\$(\d+|\{(\w+)\})", lambda m: rf"\g<{m[2] or m[1]}>", put)
    try:
        replaced: str = timely(lambda: pattern(sought).sub(groups, text, timeout=PATIENCE))
    except (regex.error, IndexError) as error:
        raise NotEvaluated("a replacement that names no group") from error
    return [replaced]


def _plainly(judge: Callable[[str], Any]) -> Function:
    def function(context: Context, items: Collection) -> Collection:
        text = _text(items)
        return [] if text is None else [judge(text)]

    return function


def _asking(judge: Callable[[str, str], bool]) -> Function:
    """Of no text at all the answer is no, where FHIRPath says nothing: R4's own ref-1 and bdl-8 count on it, the
    reference does so, and otherwise no Reference might lack its `reference`, no entry its `fullUrl`."""

    def function(context: Context, items: Collection, argument: Evaluate, *flags: Evaluate) -> Collection:
        text, other = _text(items), given_text(context, argument)
        return [] if other is None else [text is not None and judge(text, other)]

    return function


def _with(judge: Callable[[str, str], Any]) -> Function:
    def function(context: Context, items: Collection, argument: Evaluate) -> Collection:
        text, other = _text(items), given_text(context, argument)
        return [] if text is None or other is None else [judge(text, other)]

    return function


def _substring(context: Context, items: Collection, start: Evaluate, length: Evaluate | None = None) -> Collection:
    text, at = _text(items), given_number(context, start)
    if text is None or at is None or not 0 <= at < max(1, len(text)):
        return []
    count = None if length is None else given_number(context, length)
    return [text[at:] if count is None else text[at : at + max(0, count)]]


def _replace(context: Context, items: Collection, sought: Evaluate, by: Evaluate) -> Collection:
    text, old, new = _text(items), given_text(context, sought), given_text(context, by)
    if text is None or old is None or new is None:
        return []
    context.spend(len(text))
    if len(text) * (len(new) + 1) > 1_000_000:
        raise NotEvaluated("too much text")
    return [text.replace(old, new)]


def _split(context: Context, items: Collection, by: Evaluate) -> Collection:
    text, separator = _text(items), given_text(context, by)
    if text is None or separator is None:
        return []
    return list(text.split(separator) if separator else text)


def _join(context: Context, items: Collection, by: Evaluate | None = None) -> Collection:
    separator = (given_text(context, by) or "") if by else ""
    return [separator.join(text_of(plain(item)) for item in items)] if items else []


def _encoded(text: str, form: str) -> str | None:
    if form == "hex":
        return text.encode().hex()
    if form == "base64":
        return base64.b64encode(text.encode()).decode()
    return base64.urlsafe_b64encode(text.encode()).decode() if form == "urlbase64" else None


def _decoded(text: str, form: str) -> str | None:
    try:
        if form == "hex":
            return bytes.fromhex(text).decode()
        if form == "base64":
            return base64.b64decode(text, validate=True).decode()
        return base64.urlsafe_b64decode(text).decode() if form == "urlbase64" else None
    except (ValueError, binascii.Error):
        return None


def _escaped(text: str, form: str) -> str | None:
    return {"html": html.escape(text), "json": json.dumps(text, ensure_ascii=False)[1:-1]}.get(form)


def _unescaped(text: str, form: str) -> str | None:
    try:
        return html.unescape(text) if form == "html" else json.loads(f'"{text}"') if form == "json" else None
    except ValueError:
        return None


def _or_nothing(judge: Callable[[str, str], str | None]) -> Function:
    function = _with(judge)
    return lambda context, items, argument: [v for v in function(context, items, argument) if v is not None]


TEXTS: dict[str, tuple[Function, int, int]] = {
    "matches": (_matching("search"), 1, 2),
    "matchesFull": (_matching("fullmatch"), 1, 2),
    "replaceMatches": (_replace_matches, 2, 3),
    "length": (_plainly(len), 0, 0),
    "upper": (_plainly(str.upper), 0, 0),
    "lower": (_plainly(str.lower), 0, 0),
    "trim": (_plainly(str.strip), 0, 0),
    "toChars": (lambda context, items: list(_text(items) or ""), 0, 0),
    "startsWith": (_asking(str.startswith), 1, 1),
    "endsWith": (_asking(str.endswith), 1, 1),
    "contains": (_asking(lambda text, other: other in text), 1, 1),
    "indexOf": (_with(str.find), 1, 1),
    "lastIndexOf": (_with(str.rfind), 1, 1),
    "substring": (_substring, 1, 2),
    "replace": (_replace, 2, 2),
    "split": (_split, 1, 1),
    "join": (_join, 0, 1),
    "encode": (_or_nothing(_encoded), 1, 1),
    "decode": (_or_nothing(_decoded), 1, 1),
    "escape": (_or_nothing(_escaped), 1, 1),
    "unescape": (_or_nothing(_unescaped), 1, 1),
}
