"""What reaches the terminal."""

from abm_quant.cli.console import counted, plain, say, show_problems
from abm_quant.contracts.problems import problem

NOTE = problem("dialect", "/agents/0/0", "Code was brought to current Mesa.")
ERROR = problem("missing-field", "", "maxSteps is absent.", "Add it.")


def test_errors_come_first_with_code_path_and_hint(capsys):
    show_problems([NOTE, ERROR])
    assert capsys.readouterr().out.splitlines() == [
        "error [missing-field] /",
        "  maxSteps is absent.",
        "  hint: Add it.",
        "note [dialect] /agents/0/0",
        "  Code was brought to current Mesa.",
    ]


def test_words_of_a_model_cannot_steer_the_terminal(capsys):
    say("[bold]x[/bold] \x1b[2J \u202e :smile: \ud800")
    assert capsys.readouterr().out == "[bold]x[/bold] \ufffd[2J \ufffd :smile: \ufffd\n"
    assert plain("a\tb\nc") == "a\tb\nc"


def test_problems_are_counted_in_words():
    assert counted([NOTE, ERROR, NOTE]) == "1 error, 2 notes"
    assert counted([]) == "no problems"
