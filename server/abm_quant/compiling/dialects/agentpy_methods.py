"""The methods of AgentPy's lists, written for Mesa's sets of agents and for plain lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.agentpy_groups import Group, Meanings
from abm_quant.compiling.dialects.plain import parsed, text


@dataclass(frozen=True)
class ListCall:
    """A call of a list's own method."""

    source: cst.BaseExpression
    group: Group
    args: Sequence[cst.Arg]
    is_statement: bool

    @property
    def text(self) -> str:
        """The list, as it is written."""
        return text(self.source)


def _select(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    if not call.args:
        return node
    mask = call.args[0].value
    each = lists.each(mask)
    group = Group(kind=call.group.kind, type=call.group.type)
    name = lists.variable(group)
    if isinstance(mask, cst.Lambda) or call.args[0].keyword is not None:
        return lists.grouped(node, group)
    if each is None:
        if (
            isinstance(mask, cst.Name)
            and call.group.kind == "set"
            and mask.value not in lists.taken
        ):
            return lists.grouped(node, group)
        chosen = parsed(f"[{name} for {name}, kept in zip({call.text}, {text(mask)}) if kept]")
        return lists.grouped(chosen, Group(kind="list", type=call.group.type))
    condition = text(each.element)
    if call.group.kind == "set":
        selected = f"{call.text}.select(lambda {each.name}: {condition})"
    else:
        selected = f"[{each.name} for {each.name} in {call.text} if {condition}]"
    return lists.grouped(parsed(selected), group)


def _random(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    values = {each.keyword.value: each.value for each in call.args if each.keyword}
    positional = [each.value for each in call.args if each.keyword is None]
    number = values.get("n", positional[0] if positional else None)
    again = values.get("replace", positional[1] if len(positional) > 1 else None)
    type_name = call.group.type
    if number is None or m.matches(number, m.Integer("1")):
        one = parsed(f"{lists.rng}.choice({call.text})")
        return lists.grouped(one, Group(kind="one", type=type_name))
    if again is not None and not m.matches(again, m.Name("False")):
        drawn = f"{lists.rng}.choices({_listed(call)}, k={text(number)})"
    else:
        drawn = f"{lists.rng}.sample({_listed(call)}, {text(number)})"
    return lists.grouped(parsed(drawn), Group(kind="list", type=type_name))


def _shuffle(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    if call.group.kind == "set":
        inside = "inplace=True" if call.is_statement and not call.args else ""
        shuffled = node if call.args else parsed(f"{call.text}.shuffle({inside})")
        return lists.grouped(shuffled, replace(call.group, is_population=False))
    if call.is_statement:
        return parsed(f"{lists.rng}.shuffle({call.text})")
    drawn = parsed(f"{lists.rng}.sample({call.text}, len({call.text}))")
    return lists.grouped(drawn, call.group)


def _sort(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    values = {each.keyword.value: each.value for each in call.args if each.keyword}
    positional = [each.value for each in call.args if each.keyword is None]
    key = values.get("var_key", positional[0] if positional else None)
    attribute = key.evaluated_value if isinstance(key, cst.SimpleString) else None
    if key is None or not isinstance(attribute, str):
        return node
    down = values.get("reverse", positional[1] if len(positional) > 1 else cst.Name("False"))
    if call.group.kind == "set":
        if {"ascending", "inplace"} & values.keys():
            return node
        order = "" if m.matches(down, m.Name("True")) else ", ascending=True"
        inside = ", inplace=True" if call.is_statement else ""
        ordered = parsed(f"{call.text}.sort({text(key)}{order}{inside})")
        return lists.grouped(ordered, replace(call.group, is_population=False))
    name = lists.variable(call.group)
    order = "" if m.matches(down, m.Name("False")) else f", reverse={text(down)}"
    by = f"key=lambda {name}: {name}.{attribute}{order}"
    if call.is_statement:
        return parsed(f"{call.text}.sort({by})")
    return lists.grouped(parsed(f"sorted({call.text}, {by})"), call.group)


def _to_list(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    if call.group.kind != "set":
        return call.source
    return lists.grouped(parsed(_listed(call)), Group(kind="list", type=call.group.type))


def _buffer(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    return call.source


def _append(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    if not call.group.is_population or not call.is_statement or len(call.args) != 1:
        return node
    agent = call.args[0].value
    if isinstance(agent, (cst.Call, cst.ListComp)) and lists.group(agent) is None:
        return agent
    if m.matches(agent, m.Call(func=m.Attribute(attr=m.Name("create_agents")))):
        return agent
    lists.dropped.append(node)
    return node


def _remove(lists: Meanings, node: cst.Call, call: ListCall) -> cst.BaseExpression:
    if not call.group.is_population or len(call.args) != 1:
        return node
    return cst.Call(cst.Attribute(call.args[0].value, cst.Name("remove")))


def _listed(call: ListCall) -> str:
    return f"list({call.text})" if call.group.kind == "set" else call.text


METHODS = {
    "select": _select,
    "random": _random,
    "shuffle": _shuffle,
    "sort": _sort,
    "to_list": _to_list,
    "buffer": _buffer,
    "append": _append,
    "extend": _append,
    "remove": _remove,
}
