"""The `abm` command: every command by name, loaded only when it is asked for.

This is the one place that knows all doors, which do not know each other.
"""

import sys

from abm_quant.cli.app import Command, run

COMMANDS = {
    "generate": Command("abm_quant.cli.generate", "Write a model from a sentence."),
    "check": Command("abm_quant.cli.check", "Say what is wrong in a specification."),
    "compile": Command("abm_quant.cli.compile", "Make a Python project of a specification."),
    "run": Command("abm_quant.cli.run", "Run a model and show what it tracked."),
    "gallery": Command("abm_quant.cli.gallery", "List the built-in models, or show one."),
    "serve": Command("abm_quant.api.serve", "Answer requests over HTTP."),
}
"""In the order of the help."""


def main() -> None:
    """Run the command that the command line asks for, and end the process with its status."""
    sys.exit(run(COMMANDS, sys.argv[1:]))


if __name__ == "__main__":
    main()
