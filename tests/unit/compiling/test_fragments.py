"""Text that becomes code, and code that stays what it is."""

import ast
import itertools

import black
import libcst as cst
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from abm_quant.compiling import fragments

NASTY = [
    '"""',
    "'''",
    '"',
    "\\",
    'ends with a quote"',
    '"starts and ends"',
    '\\"',
    '\\"""',
    'a"""\nimport os\n"""b',
    "{{ 7 * 7 }} {% raw %}",
    "line\rline\x0bline\x0cline\x1cline\x85line\u2028line\u2029line",
    "null\x00 bell\x07 \ud800 right\u202eleft \ufeff",
    "<script>alert(1)</script> ![x](y) [a](javascript:b) `code` | cell ```",
    "```\n# heading\n```",
    "    indented\n\n\n\nfar",
    "\t\n \n",
    "",
    "# heading",
    "1. item\n- item\n+ item\n=====\n---",
    "&lt;b&gt; &copy; $x$ ~~gone~~ **bold** *x* __y__",
    "x" * 300,
    '""""""',
]


def within(text: fragments.Code, depth: int) -> str:
    body = "    " * depth + text.text
    heads = "".join(f"{'    ' * n}class C{n}:\n" for n in range(depth))
    return heads + body + "\n"


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_docstring_is_one_inert_string(text: str, depth: int) -> None:
    source = within(fragments.docstring(text, depth), depth)
    node: ast.AST = ast.parse(source)
    for _ in range(depth):
        assert isinstance(node, ast.Module | ast.ClassDef)
        (node,) = node.body
    assert isinstance(node, ast.Module | ast.ClassDef)
    (statement,) = node.body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    words = fragments.one_line(text).split() or ["Not", "described."]
    assert str(statement.value.value).split() == words


LAID_OUT = st.text(alphabet=" \n*-a\"'\\\t\u2028", max_size=40)
WORDY = st.lists(st.sampled_from(["word" * 4, "*", "-", "\n", "\n  ", '"', "\\"])).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.text() | LAID_OUT | WORDY, st.integers(0, 2))
def test_docstring_of_any_text_is_a_string_that_black_leaves_alone(text: str, depth: int) -> None:
    source = within(fragments.docstring(text, depth), depth)
    ast.parse(source)
    assert black.format_str(source, mode=black.Mode()) == source


@given(st.text())
@example("\u2028import os")
@example("\x0cimport os")
def test_comment_stays_a_comment(text: str) -> None:
    source = within(fragments.comment(text, 1), 0)
    assert all(line.lstrip().startswith("#") for line in source.splitlines())
    assert ast.parse(source).body == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES)
def test_literal_gives_the_value_back(value: object) -> None:
    code = fragments.literal(value).text
    assert eval(code, {"__builtins__": {"float": float}}) == value
    assert code.isprintable()


@given(st.text())
def test_literal_has_the_quotes_of_black(text: str) -> None:
    source = f"x = {fragments.literal(text).text}\n"
    assert black.format_str(source, mode=black.Mode(line_length=10**6)) == source


def test_literal_refuses_what_json_cannot_hold() -> None:
    with pytest.raises(TypeError, match="set has no literal"):
        fragments.literal({1})


@pytest.mark.parametrize("name", ["", "1a", "a b", "class", "a.b", "a\nb", "x=1", "__import__()"])
def test_identifier_refuses_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="is not a Python name"):
        fragments.identifier(name)


def test_identifier_and_attribute_string_agree_with_python() -> None:
    class Holder:
        pass

    holder = Holder()
    exec("h.\ufb01x = 1", {"h": holder})
    assert vars(holder) == {ast.literal_eval(fragments.attribute_string("\ufb01x").text): 1}
    assert fragments.identifier("\ufb01x").text == "fix"


def test_parsed_method_keeps_strings_of_many_lines_and_comments() -> None:
    code = 'def f(self):\n  # why\n  text = """a\n  b\n"""\n  return text  # end\n'
    definition = cst.ensure_type(cst.parse_module(code).body[0], cst.FunctionDef)
    source = "class C:\n" + fragments.parsed(definition, 1, "Gives text").text
    space: dict[str, type] = {}
    exec(source, space)
    assert space["C"]().f() == "a\n  b\n"
    assert "# why" in source and "# end" in source
    assert space["C"].f.__doc__ == "Gives text."


def test_parsed_keeps_the_authors_docstring() -> None:
    definition = cst.parse_module('def f():\n    """Mine."""\n').body[0]
    text = fragments.parsed(cst.ensure_type(definition, cst.FunctionDef), 0, "Other").text
    assert "Mine." in text and "Other" not in text


def test_parsed_documents_a_function_in_one_line() -> None:
    definition = cst.ensure_type(cst.parse_module("def f(): return 1\n").body[0], cst.FunctionDef)
    space: dict[str, object] = {}
    exec(fragments.parsed(definition, 0, "One").text, space)
    assert space["f"]() == 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a if b else c", "(a if b else c)"),
        ("a < b", "(a < b)"),
        ("a.b(c)[d]", "a.b(c)[d]"),
        ("lambda: 1", "(lambda: 1)"),
        ("1, 2", "(1, 2)"),
        ("-1", "(-1)"),
    ],
)
def test_operand_can_stand_beside_any_operator(code: str, expected: str) -> None:
    assert fragments.operand(cst.parse_expression(code)).text == expected


def test_a_bare_tuple_is_one_argument() -> None:
    assert fragments.expression(cst.parse_expression("1, 2")).text == "(1, 2)"


@pytest.mark.parametrize(
    ("code", "expected"), [("[1, 2]", "(1, 2)"), ("(1, 2)", "(1, 2)"), ("f()", "tuple(f())")]
)
def test_coordinates_are_a_tuple(code: str, expected: str) -> None:
    assert fragments.coordinates(cst.parse_expression(code)).text == expected


def test_local_name_hides_nothing() -> None:
    assert fragments.local_name("list", []).text == "list_"
    assert fragments.local_name("class", ["class_"]).text == "class__"


MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
ALLOWED = {"heading", "table", "thead", "tbody", "tr", "th", "td", "paragraph", "inline", "text"}
STRESS = {"em", "strong", "softbreak", "bullet_list", "ordered_list", "list_item"}


def kinds(source: str) -> set[str]:
    tokens = MARKDOWN.parse(source)
    found = itertools.chain.from_iterable([each, *(each.children or ())] for each in tokens)
    return {each.type.removesuffix("_open").removesuffix("_close") for each in found}


@given(st.text())
@pytest.mark.parametrize("shape", ["{}\n", "| a | b |\n| - | - |\n| {} | x |\n"])
def test_markdown_shows_any_text_as_it_is(shape: str, text: str) -> None:
    source = shape.format(fragments.markdown(text).text)
    assert kinds(source) <= ALLOWED


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_inert_in_markdown(text: str) -> None:
    table = f"| a | b |\n| - | - |\n| {fragments.markdown(text).text} | x |\n"
    assert kinds(table) <= ALLOWED
    shown = MARKDOWN.render(table)
    assert shown.count("<td>") == 2 and "<script" not in shown
    assert kinds(fragments.paragraphs(text).text) <= ALLOWED | STRESS | {"code_inline"}


def test_paragraphs_keep_emphasis_only() -> None:
    source = fragments.paragraphs("**What.** See *this* & [that](x).\n\n2*3*4 = 24").text
    assert MARKDOWN.render(source) == (
        "<p><strong>What.</strong> See <em>this</em> &amp; [that](x).</p>\n<p>2*3*4 = 24</p>\n"
    )
    assert fragments.without_marks("## Why\n**What.** See *this*") == "Why\nWhat. See this"


def test_paragraphs_keep_names_in_code_and_no_other_code() -> None:
    source = fragments.paragraphs("Set `a_b` or *`m.x`*, not `x <b>`, ``c``, `` or `1`.").text
    assert MARKDOWN.render(source) == (
        "<p>Set <code>a_b</code> or <em><code>m.x</code></em>, not `x &lt;b&gt;`, ``c``, `` or "
        "`1`.</p>\n"
    )


@given(st.text(alphabet="`a_*\\ <|"))
def test_only_names_are_shown_as_code(text: str) -> None:
    tokens = MARKDOWN.parse(fragments.paragraphs(text).text)
    inline = [each for token in tokens for each in token.children or ()]
    for each in inline:
        assert each.type != "code_inline" or each.content.isidentifier()


def test_paragraphs_keep_lists_and_headings() -> None:
    assert fragments.paragraphs("* one\n  more\n* *two*").text == "- one more\n- *two*"
    text = "# A *long* title\nThey\n1. sow,\n2. reap.\n\n3 # 4"
    assert fragments.paragraphs(text).text == (
        "**A long title**\n\nThey\n\n1. sow,\n2. reap.\n\n3 # 4"
    )
    lines = fragments.docstring("They\n12. " + "sow " * 22).text.split("\n")
    assert lines[2].startswith("    sow")


@given(st.text(alphabet="`|a \n<"))
def test_code_span_cannot_be_left(text: str) -> None:
    source = f"| a | b |\n| - | - |\n| {fragments.code_span(text).text} | x |\n"
    assert kinds(source) <= ALLOWED | {"code_inline"}
    assert MARKDOWN.render(source).count("<td>") == 2


@given(st.text(alphabet="`~ a\n"))
def test_fence_cannot_be_ended_by_the_code(text: str) -> None:
    source = fragments.fenced(fragments.quoted(text.split("\n"))).text
    assert [token.type for token in MARKDOWN.parse(source)] == ["fence"]


@pytest.mark.parametrize("line", ["import os; x()", "x = 1", "import a\nimport b"])
def test_import_block_takes_imports_only(line: str) -> None:
    with pytest.raises(ValueError, match="not one import"):
        fragments.import_block([line])


@pytest.mark.parametrize("line", ["a b", "a; b", "-r file", "a @ http://x", "a\nb"])
def test_requirement_takes_names_and_versions_only(line: str) -> None:
    with pytest.raises(ValueError, match="no requirement"):
        fragments.requirement(line)
