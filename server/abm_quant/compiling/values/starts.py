"""Starts: the start value of each variable, also where an author wrote none or a number as text."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.resolve import MODEL_STATE, Declared
from abm_quant.compiling.values.literals import is_number
from abm_quant.compiling.values.values import Lowered, Values
from abm_quant.compiling.values.wording import NUMERIC
from abm_quant.contracts.spec import ValueType, Variable


@dataclass
class Starts:
    """Gives start values, with what all code of a specification tells about them."""

    values: Values

    def give(self, declared: Declared, scope: Scope, kind: ValueType | None = None) -> Lowered:
        """Give the start value of a variable; 0 for nothing and a number for text in a number's
        place, where the code computes with it."""
        item = declared.item
        assert isinstance(item, Variable)
        value, path = item.initial_value, f"{declared.path}/initialValue"
        kind = kind or item.type
        if declared.python in self.computed:
            if value in (None, "") and kind in NUMERIC:
                value = 0
                self.values.note(
                    path, "There is no start value, and the code computes with it; it is 0."
                )
            elif kind == "string" and is_number(value):
                kind = "number"
        return self.values.lower(value, kind, scope, path)

    @cached_property
    def computed(self) -> frozenset[str]:
        """The attributes that the code or a start value changes by an amount or calculates with."""
        found: set[str] = set()
        for piece in self.values.pieces.by_path.values():
            for node in ast.walk(ast.parse(piece.code)):
                match node:
                    case ast.AugAssign(target=ast.Attribute(attr=name)):
                        found.add(name)
                    case ast.BinOp(left=left, right=right):
                        sides = (left, right)
                        found |= {each.attr for each in sides if isinstance(each, ast.Attribute)}
        for declared in self.values.names.of(*MODEL_STATE, "agent-attribute"):
            start = declared.item.initial_value if isinstance(declared.item, Variable) else None
            if isinstance(start, str):
                found |= set(re.findall(r"\b(\w+) *[*/+]", start))
        return frozenset(found)
