"""Texts people and attackers put where a name is expected: at least as many as the well-known list has, made here.

Made by construction, so that every family is there whole: each way of breaking a line × each thing to smuggle behind
it, each encoding of those breaks, each invisible or turning character × each position, and so on.
"""

from __future__ import annotations

import base64
from itertools import product
from urllib.parse import quote

BREAKS = (
    "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", "\n\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85",
    "\u2028", "\u2029", "\0", "\0\r\n", "\t\r\n\t",
)  # fmt: skip
"""What some reader takes for the end of a line, or of a text."""

SMUGGLED = (
    "Bcc: espion@evil.test", "X-MSS-INS: O", "X-MSS-NIL: DEV000000", "Subject: autre",
    "Reply-To: espion@evil.test",
    " suite", "\tsuite: oui", ".", "--=_0\r\nContent-Type: text/html", "",
)  # fmt: skip
"""What stands behind the break."""

HIDDEN = tuple(
    f"=?{charset}?{encoding}?{text}?="
    for charset in ("utf-8", "UTF-8", "iso-8859-1", "us-ascii", "utf-16", "utf-7", "x-inconnu", "utf-8*fr")
    for encoding, text in (
        ("Q", "=0D=0ABcc:_espion@evil.test"),
        ("q", "=0abcc:=20espion=40evil.test"),
        ("q", "a=00b"),
        ("q", "=E2=80=A8Bcc:"),
        ("q", "=C2=85Bcc:"),
        ("B", base64.b64encode(b"a\r\nBcc: espion@evil.test").decode()),
        ("b", base64.b64encode("\u202efdp.exe".encode()).decode()),
    )
)
"""Breaks inside encoded-words, for whoever decodes a header and writes it again (CVE-2024-6923)."""

TWICE = tuple(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in HIDDEN[:20])
"""Encoded-words inside encoded-words."""

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\u115f\ufff9\ufffb\U000e0041\U000e007f"
CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
LONE = "\ud800\udbff\udc00\udfff\ufffe\uffff"

PLACED = tuple(
    text
    for sign in TURNING + INVISIBLE + LONE
    for text in (f"{sign}Jeanne", f"Jea{sign}nne", f"Jeanne{sign}")
)  # fmt: skip

ESCAPED = tuple(
    f"Jeanne{mark}Bcc: espion@evil.test"
    for mark in (
        "%0d%0a", "%0D%0A", "%E5%98%8A%E5%98%8D", "\\r\\n", "\\u000a", "&#13;&#10;", "&#x0a;",
    "%u000a", "=0D=0A",
        "+AA0ACg-", "\u560d\u560a", "\u240d\u240a", "<br>", "\\x0d\\x0a", "${IFS}", "^M",
    )
)  # fmt: skip
"""Breaks that only some later reader would undo; \u560d\u560a lose their high byte where someone is careless."""

GRAMMAR = (
    "MARTIN, Jeanne", 'Jeanne "la" MARTIN', "a\\b\\", "\\", '"', '""', "<>", "<espion@evil.test>",
    "()", "(a(b)c)",
    "Jeanne <espion@evil.test>", "Jeanne <espion@evil.test>, Luc", "a;b:c", "groupe: a@b.fr;", ":",
    ";", ",,,,", "@@@",
    "=?", "?=", "=??=", "=?utf-8?q?Jeanne?=", "=?utf-8?q??=", "=?utf-8?x?a?=", "=?utf-8?b?a?=",
    "=?=?=?=?=", "[]", "a.b.",
    'x"; filename="y.exe', "x'; filename*=utf-8''y.exe", "UTF-8''x", "''", "*0*=", "a=b;c=d", "--",
    "--=_0", "=_",
    "X-MSS-INS: O", "From espion@evil.test", ">From x", "..", ".", "\r", "  deux   espaces  ",
    "\xa0", " ", "\t", "",
)  # fmt: skip

WRITINGS = (
    "Ève-Marie", "Nguyễn Thị Hằng", "李小龍", "Ωμέγα", "Иванова", "שלום", "مرحبا بكم", "हिन्दी",
    "ไทย", "한글", "ﬁligrane", "ŒUVRE",
    "e\u0301\u0302\u0303", "Z\u0351\u036b\u0343A\u036f\u0351L\u0357G\u0352O\u033c", "😀", "👩‍⚕️",
    "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇫🇷", "☃️",
    "𝕁𝕖𝕒𝕟𝕟𝕖", "Ｊｅａｎｎｅ", "Jеаnnе", "ⅯⅯ", "ﷺ", "𒐫", "꧅", "ß", "İı", "ǅ", "\u0130", "ﬀ", "№", "½", "٣", "²",
)  # fmt: skip
"""Other writings, composed signs, look-alikes, and signs whose case or width changes their length."""

CODE = (
    "' OR '1'='1", "'; DROP TABLE legs;--", '" OR ""="', "1;SELECT pg_sleep(9)", "${7*7}",
    "{{7*7}}", "#{7*7}", "<%= 7*7 %>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "<!--",
    "-->", "]]>", "<![CDATA[x]]>",
    "<?xml version='1.0'?>", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "&y;",
    "&amp;", "&lt;", "&#0;",
    "../../etc/passwd", "..\\..\\win.ini", "/etc/passwd", "C:\\con", "CON", "NUL.pdf", "~root",
    "file.pdf\0.exe", "a/b",
    "%s%s%s%n", "%d", "{0}", "{}", "%(name)s", "$(reboot)", "`reboot`", "; reboot", "| reboot",
    "&& reboot", "$HOME",
    "() { :;}; echo x", "null", "undefined", "None", "NaN", "true", "0", "-1", "1e309", "0x0",
    "Infinity", "01/01/0001",
    "#set page(width: 1pt)", "#import \"x\"", "*gras*", "_x_", "$x$", "@ref", "= Titre", "// x",
    "/* x */", "\\*", "~",
    "MSH|^~\\&|A|B", "A^B~C&D\\E|F", "urn:oid:1.2", "\\.br\\", "\\X0D\\",
)  # fmt: skip
"""What a database, a page, a shell, a format string, a document language or HL7 v2 would take for its own."""

LONG = tuple(
    text
    for sign in ("x", "é", "😀", "ﷺ", "\u0301", "mot ", "<", '"', "\\", "=?", "&")
    for text in (sign * 63, sign * 64, sign * 65, sign * 240)
)
TOO_LONG = ("x" * 1_000, "é" * 5_000, "😀" * 5_000, "x " * 20_000)

MARKS = tuple(
    f"{mark}Jeanne" for mark in ("\ufeff", "\u00ef\u00bb\u00bf", "\u00fe\u00ff", "\ufffd", "\x1b[31m", "\x1b]0;x\x07")
)

NAUGHTY: tuple[str, ...] = tuple(
    dict.fromkeys([
        *(f"Jeanne{brk}{text}" for brk, text in product(BREAKS, SMUGGLED)),
        *BREAKS,
        *HIDDEN, *TWICE, *PLACED, *ESCAPED, *GRAMMAR, *WRITINGS, *CODE, *LONG, *TOO_LONG, *MARKS,
        *(f"Jea{sign}nne" for sign in CONTROLS),
        *(quote(f"Jeanne{brk}Bcc: x@evil.test") for brk in BREAKS),
    ])
)  # fmt: skip
"""All of them, each once."""
