"""Uses: what a piece of translated code touches, read off its syntax tree."""

import ast
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Uses:
    """Names in a piece of code, by what is done with them."""

    reads: frozenset[str] = frozenset()
    """Attributes that are read, of whatever object."""
    writes: frozenset[str] = frozenset()
    """Attributes that are assigned or changed in place by `+=`."""
    own_reads: frozenset[str] = frozenset()
    """Attributes of `self` that are read."""
    own_writes: frozenset[str] = frozenset()
    """Attributes of `self` that are assigned."""
    model_writes: frozenset[str] = frozenset()
    """Attributes of `model` or of something's `.model` that are assigned."""
    names: frozenset[str] = frozenset()
    """Plain names that are read."""
    called: frozenset[str] = frozenset()
    """Names and attributes that are called."""
    created: tuple[tuple[str, frozenset[str]], ...] = ()
    """Calls of a name or of its `create_agents`, with the keywords of each."""
    repeated: frozenset[str] = frozenset()
    """Names that are called in a loop or a comprehension, or whose `create_agents` is."""
    waits: bool = False
    """Whether calling the function only makes a generator or a coroutine of it."""
    removes_self: bool = False
    removes_others: bool = False
    categories: frozenset[tuple[str, str | bool]] = frozenset()
    """Text and booleans that an attribute is compared with or set to."""
    returned: frozenset[str] = frozenset()
    """Text that the code returns."""

    def __or__(self, other: "Uses") -> "Uses":
        return Uses(
            reads=self.reads | other.reads,
            writes=self.writes | other.writes,
            own_reads=self.own_reads | other.own_reads,
            own_writes=self.own_writes | other.own_writes,
            model_writes=self.model_writes | other.model_writes,
            names=self.names | other.names,
            called=self.called | other.called,
            created=self.created + other.created,
            repeated=self.repeated | other.repeated,
            removes_self=self.removes_self or other.removes_self,
            removes_others=self.removes_others or other.removes_others,
            categories=self.categories | other.categories,
            returned=self.returned | other.returned,
        )


@dataclass
class _Reader(ast.NodeVisitor):
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    own_reads: set[str] = field(default_factory=set)
    own_writes: set[str] = field(default_factory=set)
    model_writes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    created: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)
    loops: int = 0
    texts: frozenset[str] = frozenset()
    """All text in the code."""
    waits: bool = False
    functions: int = 0
    """How many functions are around the node."""
    removes_self: bool = False
    removes_others: bool = False
    categories: set[tuple[str, str | bool]] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self.reads.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                self.own_reads.add(node.attr)
        else:
            self.writes.add(node.attr)
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id == "self":
                self.own_writes.add(node.attr)
            if getattr(owner, "attr", getattr(owner, "id", None)) == "model":
                self.model_writes.add(node.attr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                self._categorize(target.attr, node.value)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute):
                self.writes.add(target.value.attr)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Attribute):
            self.reads.add(node.target.attr)
        elif isinstance(node.target, ast.Subscript) and isinstance(
            node.target.value, ast.Attribute
        ):
            self.writes.add(node.target.value.attr)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for side in sides:
            if isinstance(side, ast.Attribute):
                for other in sides:
                    self._categorize(side.attr, other)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        keywords = frozenset(each.arg for each in node.keywords if each.arg)
        if isinstance(function, ast.Name):
            self.called.add(function.id)
            self._use_of_any(function.id, node)
            self.created.append((function.id, keywords))
            self.repeated |= {function.id} if self.loops else set()
        elif isinstance(function, ast.Attribute):
            self.called.add(function.attr)
            if function.attr == "create_agents" and isinstance(function.value, ast.Name):
                self.created.append((function.value.id, keywords))
                self.repeated.add(function.value.id)
            if function.attr == "remove" and not node.args:
                is_self = isinstance(function.value, ast.Name) and function.value.id == "self"
                self.removes_self |= is_self
                self.removes_others |= not is_self
            if function.attr in ("deregister_agent", "remove_all_agents"):
                self.removes_others = True
            self._use_by_name(function.attr, node.args)
        self.generic_visit(node)

    def _use_by_name(self, method: str, given: list[ast.expr]) -> None:
        """Take in what an AgentSet does with a behavior or attribute that it is told by name."""
        names = [each.value for each in given[:1] if isinstance(each, ast.Constant)]
        for name in (each for each in names if isinstance(each, str)):
            if method in ("do", "shuffle_do", "map"):
                self.called.add(name)
                self.removes_others |= name == "remove"
            elif method == "set":
                self.writes.add(name)
                for value in given[1:2]:
                    self._categorize(name, value)
            elif method in ("get", "agg"):
                self.reads.add(name)

    def _use_of_any(self, function: str, node: ast.Call) -> None:
        """Take in `setattr(self, name, value)` and `getattr(self, name)`, whatever the name is."""
        if function not in ("setattr", "getattr") or len(node.args) < 2:
            return
        name = node.args[1]
        texts = {name.value} if isinstance(name, ast.Constant) else self.texts
        found = {each for each in texts if isinstance(each, str) and each.isidentifier()}
        self.reads |= found
        if function == "setattr":
            self.writes |= found

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.waits |= not self.functions
        self._visit_function(node)

    def _visit_function(self, node: ast.AST) -> None:
        self.functions += 1
        self.generic_visit(node)
        self.functions -= 1

    visit_FunctionDef = visit_Lambda = _visit_function

    def visit_Yield(self, node: ast.Yield) -> None:
        self.waits |= self.functions == 1
        self.generic_visit(node)

    def _visit_loop(self, node: ast.AST) -> None:
        self.loops += 1
        self.generic_visit(node)
        self.loops -= 1

    visit_For = visit_While = visit_ListComp = visit_SetComp = visit_DictComp = _visit_loop
    visit_GeneratorExp = _visit_loop

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            constants = (each for each in ast.walk(node.value) if isinstance(each, ast.Constant))
            self.returned |= {each.value for each in constants if isinstance(each.value, str)}
        self.generic_visit(node)

    def _categorize(self, attribute: str, value: ast.expr) -> None:
        if isinstance(value, ast.Constant) and isinstance(value.value, (str, bool)):
            self.categories.add((attribute, value.value))
        elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
            for element in value.elts:
                self._categorize(attribute, element)
        elif isinstance(value, ast.IfExp):
            self._categorize(attribute, value.body)
            self._categorize(attribute, value.orelse)


def uses(code: str) -> Uses:
    """Give what the code touches."""
    tree = ast.parse(code)
    constants = (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant))
    reader = _Reader(texts=frozenset(each for each in constants if isinstance(each, str)))
    reader.visit(tree)
    return Uses(
        reads=frozenset(reader.reads),
        writes=frozenset(reader.writes),
        own_reads=frozenset(reader.own_reads),
        own_writes=frozenset(reader.own_writes),
        model_writes=frozenset(reader.model_writes),
        names=frozenset(reader.names),
        called=frozenset(reader.called),
        created=tuple(reader.created),
        repeated=frozenset(reader.repeated),
        waits=reader.waits,
        removes_self=reader.removes_self,
        removes_others=reader.removes_others,
        categories=frozenset(reader.categories),
        returned=frozenset(reader.returned),
    )
