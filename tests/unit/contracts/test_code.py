"""A line of generated code leads back to the smallest piece of the specification around it."""

import pytest

from abm_quant.contracts.code import CodeBundle, SourceSpan


def span(label: str, first: int, last: int, file: str = "model.py") -> SourceSpan:
    return SourceSpan(file=file, first_line=first, last_line=last, path=f"/{label}", label=label)


BUNDLE = CodeBundle(
    target="mesa",
    files={"model.py": ""},
    entry_point="Forest",
    parameters=(),
    max_steps=10,
    requirements=(),
    source_map=(
        span("Wolf", 10, 40),
        span("Wolf.hunt", 20, 30),
        span("count", 1, 5),
        span("option", 20, 22, file="run.py"),
    ),
)


@pytest.mark.parametrize(
    ("line", "label"),
    [(10, "Wolf"), (20, "Wolf.hunt"), (30, "Wolf.hunt"), (31, "Wolf"), (5, "count"), (1, "count")],
)
def test_the_smallest_span_wins_and_its_ends_belong_to_it(line: int, label: str) -> None:
    found = BUNDLE.origin(line)
    assert found is not None and found.label == label


@pytest.mark.parametrize("line", [0, 6, 9, 41])
def test_lines_that_nobody_wrote_have_no_origin(line: int) -> None:
    assert BUNDLE.origin(line) is None


def test_files_do_not_mix() -> None:
    found = BUNDLE.origin(21, file="run.py")
    assert found is not None and found.label == "option"
    assert BUNDLE.origin(21, file="app.py") is None
