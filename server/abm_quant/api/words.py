"""What people wrote, made safe and short for those who read it in a browser."""

import re

import nh3

MAX_TITLE_WORDS = 7
LINK = re.compile(
    r"(?P<before>\]\(\s*<?\s*|^\s{0,3}\[[^\]\n]+\]:\s*<?\s*)(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
HARMLESS_LESS = re.compile(r"&lt;(?=[\s\d=]|$)")


def clean_markdown(text: str) -> str:
    """Give Markdown without raw HTML and without links that run scripts."""
    safe = nh3.clean(text, tags=set(), attributes={}, link_rel=None)
    safe = safe.replace("&gt;", ">").replace("&nbsp;", "\u00a0").replace("&amp;", "&")
    safe = HARMLESS_LESS.sub("<", safe)
    return LINK.sub(r"\g<before>#", safe).strip()


def short_title(text: str) -> str:
    """Give at most seven words, on one line, without HTML."""
    return " ".join(clean_markdown(text).split()[:MAX_TITLE_WORDS])
