"""Keeps vendors' keys out of what is written down: they are known by their shape."""

import re

KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}|"  # OpenAI, Anthropic, OpenRouter, DeepSeek
    r"AIza[A-Za-z0-9_-]{12,}|AQ\.[A-Za-z0-9_-]{12,}|"  # Google
    r"(?:gsk|hf)_[A-Za-z0-9]{12,}|xai-[A-Za-z0-9]{12,}"  # Groq, Hugging Face, xAI
    r")"
)
HIDDEN = "[key removed]"


def without_keys(text: str) -> str:
    """Give a text in which everything that looks like a vendor's key is replaced."""
    return KEY.sub(HIDDEN, text)
