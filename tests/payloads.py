"""Hostile texts, each of which tries to become code, markup or an option."""

OWNED = "import builtins; builtins.OWNED = True"
PAYLOADS = {
    "ends a docstring": f'"""\n{OWNED}\n"""',
    "ends a docstring after a backslash": f'\\"""\n{OWNED}\n"""',
    "ends a docstring with its last quote": f'x"\n{OWNED}',
    "ends another docstring": f"'''\n{OWNED}\n'''",
    "ends a string": f'"); {OWNED}; print("',
    "ends another string": f"'); {OWNED}; print('",
    "ends in a backslash": "x\\",
    "ends a comment": f"x\n{OWNED}",
    "ends a comment by carriage return": f"x\r{OWNED}",
    "ends a comment by form feed": f"x\x0c\n{OWNED}",
    "ends a comment by a line separator": f"x\u2028{OWNED}\u2029{OWNED}\x85{OWNED}",
    "ends a line by a vertical tab": f"x\x0b{OWNED}\x1c{OWNED}",
    "holds a null": f"x\x00\n{OWNED}",
    "prints a Jinja expression": "{{ ''.__class__.__mro__ }}{% include 'x' %}{# x",
    "ends a Jinja block": "{% endraw %}{% endif %}{{ cycler.__init__.__globals__ }}",
    "formats": "%(prog)s %s %d {0} {x!r} ${x} %%",
    "leaves a table": "a | b\n\n# Heading\n\n| x |",
    "ends a fence": "```\n</code><script>alert(1)</script>\n```",
    "brings markup": "<img src=x onerror=alert(1)><script>x</script><!-- ",
    "brings a link": "[x](javascript:alert(1)) ![x](https://x.invalid/a.png) <https://x.invalid>",
    "defines a link": "[x]: https://x.invalid 'title'",
    "turns the direction": "x\u202e\u2066 safe \u2069 \u202c\ufeff",
    "holds half a character": "x\ud800\udfff",
    "calls from an f-string": "{__import__('os')}",
}
