"""FHIRPath text → tree (FHIRPath 2.0, normative grammar). Written for one thing: expressions of definitions, at once.

A tree is `Tree(kind, value, parts)`:

    literal   value is it              member    value is the name: `name`, `given`
    empty     {}                       call      value is the name, parts the arguments
    this, index, total                 variable  value is the name: %resource
    dot       parts: of what, which    item      parts: of what, which number: `a[0]`
    sign      value + or -, one part   operator  value is the operator, two parts
    type      value is `is` or `as`, one part; `type_name` says which
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from gateway.validate.fhirpath.moments import read_moment
from gateway.validate.fhirpath.values import CALENDAR_UNITS, Amount, NotEvaluated

LONGEST = 20_000  # characters of an expression; the longest in any published package has 1,400
DEEPEST = 60  # brackets within brackets
_MOST_DIGITS = 100  # of a number


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of an expression; see above for what each kind means."""

    kind: str
    value: Any = None
    parts: tuple[Tree, ...] = ()
    type_name: str = ""


class Token(NamedTuple):
    """A word of an expression and what it is: number, text, name, quoted (a name in ` or "), moment, sign, end."""

    kind: str
    text: str


TOKENS = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<moment>@(?:T\d[\d:.]*|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?))
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'(?:\\.|[^'\\])*')
    |(?P<quoted>`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\])*")
    |(?P<name>\$?[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|!=|!~|[-<>=~|&+*/()\[\]{},.%])""",
    re.VERBOSE | re.DOTALL,
)
BINDS = {
    **dict.fromkeys(["implies"], 1),
    **dict.fromkeys(["or", "xor"], 2),
    **dict.fromkeys(["and"], 3),
    **dict.fromkeys(["in", "contains"], 4),
    **dict.fromkeys(["=", "~", "!=", "!~"], 5),
    **dict.fromkeys(["<", "<=", ">", ">="], 6),
    **dict.fromkeys(["|"], 7),
    **dict.fromkeys(["is", "as"], 8),
    **dict.fromkeys(["+", "-", "&"], 9),
    **dict.fromkeys(["*", "/", "div", "mod"], 10),
}
TIGHTEST = 11
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def read_expression(text: str) -> Tree:
    """The tree of an expression; NotEvaluated when it is none, too long or too deep."""
    if len(text) > LONGEST:
        raise NotEvaluated("too long")
    reading = _Reading(_tokens(text))
    tree = reading.expression(0)
    if reading.next.kind != "end":
        raise NotEvaluated(f"unexpected “{reading.next.text[:20]}”")
    return tree


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        match = TOKENS.match(text, at)
        if match is None:
            raise NotEvaluated(f"unexpected “{text[at]}”")
        if match.lastgroup:
            found.append(Token(match.lastgroup, match.group()))
        at = match.end()
    return [*found, Token("end", "")]


def _unescaped(quoted: str) -> str:
    def one(match: re.Match[str]) -> str:
        mark = match.group(1)
        return chr(int(mark[1:], 16)) if mark[0] == "u" and len(mark) == 5 else ESCAPES.get(mark[0], mark)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", one, quoted[1:-1], flags=re.DOTALL)


class _Reading:
    """The tokens and how far they were read."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.next
        self._at += token.kind != "end"
        return token

    def expect(self, sign: str) -> None:
        token = self.take()
        if token.text != sign or token.kind != "sign":
            raise NotEvaluated(f"“{sign}” expected")

    def at_sign(self, sign: str) -> bool:
        return self.next.kind == "sign" and self.next.text == sign

    def expression(self, tightness: int) -> Tree:
        """A term and the operators after it that bind more tightly than the one before it."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotEvaluated("too deep")
        left = self.signed()
        while self.next.kind in ("sign", "name") and (binds := BINDS.get(self.next.text, 0)) > tightness:
            operator = self.take().text
            if operator in ("is", "as"):
                left = Tree("type", operator, (left,), self.type_name())
            else:
                left = Tree("operator", operator, (left, self.expression(binds)))
        self._depth -= 1
        return left

    def signed(self) -> Tree:
        if self.at_sign("-") or self.at_sign("+"):
            return Tree("sign", self.take().text, (self.expression(TIGHTEST),))
        return self.steps(self.term())

    def steps(self, tree: Tree) -> Tree:
        """What follows a term: `.name`, `.function()`, `[number]`."""
        while True:
            if self.at_sign("."):
                self.take()
                tree = Tree("dot", None, (tree, self.named(self.take())))
            elif self.at_sign("["):
                self.take()
                tree = Tree("item", None, (tree, self.expression(0)))
                self.expect("]")
            else:
                return tree

    def term(self) -> Tree:
        token = self.take()
        if token.kind == "text":
            return Tree("literal", _unescaped(token.text))
        if token.kind == "number":
            if len(token.text) > _MOST_DIGITS:
                raise NotEvaluated("too long")
            return self.amount(int(token.text) if token.text.isdigit() else Decimal(token.text))
        if token.kind == "moment":
            return Tree("literal", read_moment(token.text[1:]))
        if token.kind in ("name", "quoted"):
            return self.named(token)
        if token.text == "%":
            name = self.take()
            return Tree("variable", name.text if name.kind == "name" else _unescaped(name.text))
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token.text == "{":
            self.expect("}")
            return Tree("empty")
        raise NotEvaluated(f"unexpected “{token.text[:20]}”")

    def named(self, token: Token) -> Tree:
        """A name: a member, a call, a constant."""
        if token.kind == "quoted":
            return Tree("member", _unescaped(token.text))
        if token.kind != "name":
            raise NotEvaluated("a name expected")
        if token.text.startswith("$"):
            return Tree(token.text[1:])
        if self.at_sign("("):
            return self.call(token.text)
        if token.text in ("true", "false"):
            return Tree("literal", token.text == "true")
        return Tree("member", token.text)

    def call(self, name: str) -> Tree:
        self.expect("(")
        if name in ("is", "as", "ofType"):
            tree = Tree("call", name, (), self.type_name())
            self.expect(")")
            return tree
        arguments: list[Tree] = []
        while not self.at_sign(")"):
            arguments.append(self.expression(0))
            if not self.at_sign(")"):
                self.expect(",")
        self.expect(")")
        return Tree("call", name, tuple(arguments))

    def type_name(self) -> str:
        """`Patient`, `FHIR.Patient`, `System.Boolean`, `FHIR.`Patient``."""
        names = [self.take()]
        while self.at_sign("."):
            following = self._tokens[min(self._at + 2, len(self._tokens) - 1)]
            if (
                following.kind == "sign" and following.text == "("
            ):  # `(x as Quantity.value)`: a call follows, no name of a type
                break
            self.take()
            names.append(self.take())
        if any(name.kind not in ("name", "quoted") for name in names):
            raise NotEvaluated("the name of a type expected")
        return ".".join(name.text if name.kind == "name" else _unescaped(name.text) for name in names)

    def amount(self, number: int | Decimal) -> Tree:
        """A number, or a quantity when a unit follows: `4 days`, `5 'mg'`."""
        if self.next.kind == "text":
            return Tree("literal", Amount(Decimal(number), _unescaped(self.take().text)))
        if self.next.kind == "name" and self.next.text in CALENDAR_UNITS:
            return Tree("literal", Amount(Decimal(number), CALENDAR_UNITS[self.take().text]))
        return Tree("literal", number)
