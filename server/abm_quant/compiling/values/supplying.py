"""Supplying: the arguments of the calls that a plan makes, by the names of the parameters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import libcst as cst

from abm_quant.compiling.behaviors.evident import NEIGHBORS
from abm_quant.compiling.behaviors.pieces import Piece
from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.naming.known import TIME
from abm_quant.compiling.resolve import MODEL_STATE, Names, singulars, snake_case, spelling
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Value, ValueType

IMPLICIT = ("model", "self", "agent", "agents")
"""Parameters that a plan supplies without being told."""
GIVEN_BY_MODEL = ("grid", "space", "random", "rng")
"""Parameters that mean what Mesa's model has under the same name."""
CLOCK = {"t": "{}.steps", "dt": "1", "time_step_size": "1", "delta_t": "1"}
"""Parameters about time: the number of the step, and how long a step is."""
MODEL_WORDS = ("state", "sim", "simulation", "world", "env", "environment", "context")
"""Parameters that mean the model in other frameworks."""


Lower = Callable[[Value, ValueType | None, Scope, str], cst.BaseExpression]
"""Gives the expression of a value that stands at a path of the specification."""


@dataclass
class Supply:
    """Gives the arguments of calls; what is missing or assumed is added to the problems."""

    names: Names
    problems: list[Problem]
    lower: Lower

    def give(
        self,
        piece: Piece,
        given: Iterable[cst.BaseExpression],
        scope: Scope,
        path: str,
        *,
        agents: str | None = None,
    ) -> list[cst.BaseExpression]:
        """Give the arguments of a call that a plan makes; what is not given goes by name."""
        parameters = list(piece.parameters)
        filled: list[cst.BaseExpression] = []
        remaining = list(given)
        for index, name in enumerate(parameters):
            implicit = name in IMPLICIT
            missing = len(parameters) - index > len(remaining)
            if remaining and not (implicit and missing):
                filled.append(remaining.pop(0))
                continue
            supplied = self._supply(name, piece, scope, path, agents)
            if supplied is None and index >= piece.required:
                break
            supplied = supplied or self._supply_meant(name, piece, scope, path, agents)
            if supplied is None:
                hint = "Pass it in `args`, or give the parameter a default value."
                if spelling(name) in NEIGHBORS:
                    hint = "State a grid or a network, or let the code choose among the agents."
                message = f"Nothing supplies the parameter {name!r} of {piece.declared.name!r}."
                self.problems.append(problem("missing-argument", path, message, hint))
                break
            filled.append(supplied)
        if remaining:
            message = f"{piece.declared.name!r} takes {len(parameters)} arguments, not more."
            self.problems.append(
                problem("missing-argument", path, message, "Remove the superfluous ones.")
            )
        return filled

    def _supply(
        self, name: str, piece: Piece, scope: Scope, path: str, agents: str | None
    ) -> cst.BaseExpression | None:
        types = {snake_case(each): each for each in self.names.type_names.values()}
        if name in ("model", "self") and not (name == "self" and scope.owner == "agent"):
            return cst.parse_expression(scope.model)
        if name in ("agent", "self") and scope.me:
            return cst.parse_expression(scope.me)
        if name == "agents":
            return cst.parse_expression(agents or f"{scope.model}.agents")
        if name in types and scope.me:
            return cst.parse_expression(scope.me)
        group = next((types[each] for each in singulars(name) if each in types), None)
        if group is not None:
            return cst.parse_expression(f"{scope.model}.agents_by_type[{group}]")
        declared = self.names.find(name, *MODEL_STATE)
        if declared is not None:
            return cst.parse_expression(scope.written(declared) or name)
        if name in GIVEN_BY_MODEL:
            return cst.parse_expression(f"{scope.model}.{name}")
        if name in MODEL_WORDS:
            message = f"The parameter {name!r} of {piece.declared.name!r} was given the model."
            self._note(path, message)
            return cst.parse_expression(scope.model)
        if spelling(name) in TIME:
            return cst.parse_expression(f"{scope.model}.steps")
        default = next((each for each in piece.inputs if each.name == name), None)
        if default is not None and default.default_value not in (None, ""):
            return self.lower(default.default_value, default.type, scope, path)
        return None

    def _supply_meant(
        self, name: str, piece: Piece, scope: Scope, path: str, agents: str | None
    ) -> cst.BaseExpression | None:
        """Give the argument for a parameter that is called otherwise in the declaration.

        It stands for the input at its place; `t` and `dt` for the time; the only one of a batch
        function for the agents.
        """
        parameters = [each for each in piece.parameters if each not in IMPLICIT]
        inputs = [each.name for each in piece.inputs if each.name not in IMPLICIT]
        supplied: cst.BaseExpression | None = None
        if len(parameters) == len(inputs):
            meant = inputs[parameters.index(name)]
            supplied = self._supply(meant, piece, scope, path, agents)
        if supplied is None and name in CLOCK:
            supplied = cst.parse_expression(CLOCK[name].format(scope.model))
        if supplied is None and piece.mode == "model-batch" and parameters == [name]:
            supplied = self._supply("agents", piece, scope, path, agents)
        if supplied is not None:
            code = cst.Module([]).code_for_node(supplied)
            self._note(path, f"The parameter {name!r} of {piece.declared.name!r} takes `{code}`.")
        return supplied

    def _note(self, path: str, message: str) -> None:
        self.problems.append(problem("value-assumed", path, message))
