"""Narratives hold what FHIR R4 §2.4.0 allows: formatting, and nothing that could run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.validate.place import at_root
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope
from gateway.validate.xhtml import MOST_TOLD, check_text, xhtml_faults


def div(inside: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'


def rules(text: str) -> list[str]:
    return [rule for rule, _ in xhtml_faults(text)]


@pytest.mark.parametrize(
    "inside",
    [
        "plain",
        "<p>a<br/>b</p>",
        '<table class="grid"><thead><tr><th colspan="2">x</th></tr></thead><tbody><tr><td>y</td></tr></tbody></table>',
        '<p style="color: red" title="t" xml:lang="fr" lang="fr" xml:space="preserve">x</p>',
        '<a href="https://a.test/x">x</a> <a name="here">y</a> <a href="#here">z</a>',
        '<img src="#pic" alt="a"/>',
        '<img src="data:image/png;base64,AA==" alt="a"/>',
        "a&nbsp;b &eacute; &#233; &amp;",
        "<!-- a comment --><b>x</b><ul><li>y</li></ul><pre>z</pre><h1>t</h1>",
        "<![CDATA[x]]>",
    ],
)
def test_formatting_is_allowed(inside: str) -> None:
    assert rules(div(inside)) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (div("x<script>alert(1)</script>"), "xhtml-element"),
        (div("x<iframe/>"), "xhtml-element"),
        (div("x<form><input/></form>"), "xhtml-element"),
        (div('x<svg xmlns="http://www.w3.org/2000/svg"/>'), "xhtml-element"),
        (div('<p onclick="f()">x</p>'), "xhtml-attribute"),
        (div('<p href="https://a.test">x</p>'), "xhtml-attribute"),
        (div('<a href="javascript:f()">x</a>'), "xhtml-active"),
        (div('<a href=" java&#10;script:f()">x</a>'), "xhtml-active"),
        (div('<a href="vbscript:f()">x</a>'), "xhtml-active"),
        (div('<img src="data:text/html,x"/>'), "xhtml-active"),
        (div('<p style="width: expression(f())">x</p>'), "xhtml-active"),
        (div(""), "xhtml-empty"),
        (div(" <p> </p> &#160;"), "xhtml-empty"),
        ("<div>x</div>", "xhtml-root"),
        ('<p xmlns="http://www.w3.org/1999/xhtml">x</p>', "xhtml-root"),
        (div("<p>x"), "xhtml-syntax"),
        (div("a & b"), "xhtml-syntax"),
        (div("&unheard;"), "xhtml-syntax"),
        (div("<?php f() ?>x"), "xhtml-syntax"),
        ("<!DOCTYPE div [<!ENTITY a 'b'>]>" + div("&a;"), "xhtml-syntax"),
        ("plain", "xhtml-syntax"),
        ("", "xhtml-syntax"),
        (div("<b>" * 200 + "x" + "</b>" * 200), "xhtml-too-large"),
        (div("x" * 1_000_001), "xhtml-too-large"),
    ],
    ids=lambda value: value[45:80] if value.startswith("<div") else value[:30],
)
def test_anything_else_is_told(text: str, rule: str) -> None:
    assert rule in rules(text)


def test_names_that_html_has_not_are_not_repeated() -> None:
    told = xhtml_faults(div('<dupont-martin1>x</dupont-martin1><p dupont="x">y</p>'))
    assert [(rule, words["name"]) for rule, words in told] == [("xhtml-element", "?"), ("xhtml-attribute", "?")]


def test_a_thousand_faults_are_told_as_a_few() -> None:
    assert len(xhtml_faults(div("".join(f"<video/><a x{n}='1'/>" for n in range(1000))))) <= MOST_TOLD


def told(resource: dict[str, Any], code: str, value: str) -> list[tuple[str, str]]:
    run = Run(Scope(resource, at_root("Patient")))
    check_text(run, run.root.place, code, value)
    for one in run.told:
        assert RULES[one.rule].fr.format(**one.words)
        assert RULES[one.rule].en.format(**one.words)
    return [(one.rule, one.key) for one in run.told]


def test_faults_of_a_narrative_speak_under_the_keys_of_r4() -> None:
    assert told({}, "xhtml", div("x<script/>")) == [("xhtml-element", "txt-1")]
    assert told({}, "xhtml", div(" ")) == [("xhtml-empty", "txt-2")]


def test_an_inner_link_leads_somewhere_in_the_file() -> None:
    link = div('<a href="#b">x</a>')
    assert told({"text": {"div": link}}, "xhtml", link) == [("xhtml-link", "")]
    other = {"entry": [{"resource": {"text": {"div": div('<p id="b">y</p>')}}}], "text": {"div": link}}
    assert told(other, "xhtml", link) == []
    assert told({"contained": [{"id": "b"}], "text": {"div": link}}, "xhtml", link) == []


@pytest.mark.parametrize(
    ("code", "value", "rule"),
    [
        ("string", "Ada <script>x</script>", "markup-in-text"),
        ("markdown", "see <b>this</b>", "markup-in-markdown"),
        ("markdown", "<resource type>", "markup-in-markdown"),
        ("markdown", "`code` <b>this</b> `code`", "markup-in-markdown"),
    ],
)
def test_what_looks_like_markup_where_none_may_be_is_told(code: str, value: str, rule: str) -> None:
    assert told({}, code, value) == [(rule, "")]


@pytest.mark.parametrize(
    "value", ["glucose < 1 g/l", "a <3 b", "5 < x and y > 2", "x <- y -> z", "<https://a.test>", "<"]
)
def test_a_sign_of_comparison_is_no_markup(value: str) -> None:
    assert told({}, "string", value) == []
    assert told({}, "markdown", value) == []


@pytest.mark.parametrize("value", ["`?identifier=<system>|<id>`", "``<a>``", "```\n<b>x</b>\n```"])
def test_code_in_markdown_is_shown_as_it_is_written(value: str) -> None:
    assert told({}, "markdown", value) == []
    assert told({}, "string", value) == [("markup-in-text", "")]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>&;'\"=/!-[]abdiv xmlns#\n\0é", max_size=80))
def test_no_text_breaks_the_check(text: str) -> None:
    for whole in (text, div(text)):
        check_text(Run(Scope({}, at_root("Patient"))), at_root("Patient"), "xhtml", whole)
        check_text(Run(Scope({}, at_root("Patient"))), at_root("Patient"), "markdown", whole)
