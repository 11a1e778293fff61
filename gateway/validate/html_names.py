"""Names of HTML: what a narrative may hold (FHIR R4 §2.4.0), and those HTML has besides.

The second lists are there so that a finding can name what it found and never repeats what somebody made up.
"""

from __future__ import annotations

_ELEMENTS = """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4
    h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var
"""
_ATTRIBUTES = """
    abbr accesskey align axis char charoff class colspan dir headers id idref lang rowspan scope span style tabindex
    title valign width
"""
_MORE_ELEMENTS = """
    applet audio base body button canvas center details embed fieldset font footer form frame frameset head header html
    iframe input ins del label legend link main math meta nav noscript object option param s script section select
    source strike style summary svg template textarea title track u video
"""
_MORE_ATTRIBUTES = """
    action alt background bgcolor border checked color data face for form height href hspace media method name onabort
    onblur onchange onclick ondblclick onerror onfocus onkeydown onkeypress onkeyup onload onmousedown onmousemove
    onmouseout onmouseover onmouseup onreset onresize onselect onsubmit onunload role size src srcdoc srcset target type
    value vspace xmlns
"""
_OF_ELEMENT = {
    "a": "charset coords href hreflang name rel rev shape type",
    "area": "alt coords href nohref shape",
    "blockquote": "cite",
    "img": "alt border height ismap longdesc src usemap width",
    "map": "name",
    "pre": "space",
    "q": "cite",
    "table": "border cellpadding cellspacing frame rules summary width",
    "td": "nowrap",
    "th": "nowrap",
}

ATTRIBUTES = frozenset(_ATTRIBUTES.split())
ALLOWED = {name: ATTRIBUTES | frozenset(_OF_ELEMENT.get(name, "").split()) for name in _ELEMENTS.split()}
ELEMENTS_OF_HTML = frozenset((*ALLOWED, *_MORE_ELEMENTS.split()))
ATTRIBUTES_OF_HTML = ATTRIBUTES.union(_MORE_ATTRIBUTES.split(), *ALLOWED.values())
