"""CodeBundle: a generated project, as it is downloaded and as it is run."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class SourceSpan:
    """Lines of a generated file that come from one piece of the specification."""

    file: str
    """Name of the file in the bundle."""
    first_line: int
    """First line, counted from 1."""
    last_line: int
    """Last line, included."""
    path: str
    """JSON pointer into the specification."""
    label: str
    """What stands there in words, such as `Wolf.hunt`."""
    code_line: int | None = None
    """The line of the author's own code at `path`, counted from 1, where the lines come from one."""
    code_text: str = ""
    """That line as the author wrote it."""


@dataclass(frozen=True, kw_only=True)
class CodeBundle:
    """Everything that was generated for one model and one target."""

    target: str
    """Name of the target framework, such as `mesa`."""
    files: dict[str, str]
    """Text of each file by its name; always holds `model.py`."""
    entry_point: str
    """The model class in `model.py`."""
    parameters: tuple[str, ...]
    """Names of the keyword arguments of the model class, without `seed`."""
    max_steps: int
    """The step after which every run ends."""
    requirements: tuple[str, ...]
    """Packages that the project needs, with their version ranges."""
    source_map: tuple[SourceSpan, ...] = field(default=())
    """Where the lines of `model.py` come from."""
    lists: dict[str, str] = field(default_factory=dict)
    """By agent type: the attribute of the model that holds its agents, where the framework does not
    know them by type."""
    shown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By agent type: the attributes that tell its agents apart, the one that app.py colors by first."""

    def origin(self, line: int, file: str = "model.py") -> SourceSpan | None:
        """Give the smallest span that holds a line of a file."""
        spans = [s for s in self.source_map if s.file == file and s.first_line <= line]
        spans = [span for span in spans if line <= span.last_line]
        return min(spans, key=lambda s: s.last_line - s.first_line, default=None)
