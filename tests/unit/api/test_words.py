"""clean_markdown and short_title: what people wrote comes out inert."""

import pytest

from abm_quant.api.words import clean_markdown, short_title


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Title\n\n- *one*\n- `two`", "# Title\n\n- *one*\n- `two`"),
        ("> a quote & more", "> a quote & more"),
        ("x < 3 and y <= 4 and z > 5", "x < 3 and y <= 4 and z > 5"),
        ("<b>bold</b>", "bold"),
        ("a<script>alert(1)</script>b", "ab"),
        ('<img src=x onerror="alert(1)">', ""),
        ("&lt;script&gt;alert(1)", "&lt;script>alert(1)"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("[a](javascript:alert(1))", "[a](#alert(1))"),
        ("[a](java&#115;cript:alert(1))", "[a](#alert(1))"),
        ("[a]: JaVaScRiPt:alert(1)", "[a]: #alert(1)"),
        ("[a]( data:text/html,x)", "[a]( #text/html,x)"),
        ("The data: none", "The data: none"),
        ("Überträgt 10 % – täglich", "Überträgt 10 % – täglich"),
    ],
)
def test_markdown_keeps_its_marks_and_loses_html(written, shown):
    assert clean_markdown(written) == shown


@pytest.mark.parametrize(
    "attack",
    [
        "<<script>script>alert(1)<</script>/script>",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<!--<img src=x>-->",
        "<iframe srcdoc='<script>1</script>'>",
        "`<img src=x onerror=1>`",
        "&amp;lt;script&amp;gt;",
        "<scr\x00ipt>",
        "<style>*{}</style>",
    ],
)
def test_no_tag_survives(attack):
    shown = clean_markdown(attack)
    assert "<s" not in shown.lower()
    assert "<i" not in shown.lower()
    assert "<a" not in shown.lower()
    assert "onerror" not in shown


def test_a_title_is_seven_plain_words():
    assert short_title("  a <i>b</i>\nc d e f g h i ") == "a b c d e f g"
    assert short_title("") == ""
