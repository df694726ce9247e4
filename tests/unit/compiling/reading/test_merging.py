"""Agent types that an author spread over several objects."""

from typing import Any

from abm_quant.compiling.read import read_spec
from small_specs import attribute, behavior, wire


def part(count: Any = None, **parts: Any) -> dict[str, Any]:
    """Give one object of an agent type."""
    return {"agentAttributes": [], "agentBehaviors": [], "initialCount": count} | parts


def attributes(of: str, *names: str) -> list[dict[str, Any]]:
    return [attribute(name, 0, of=of) for name in names]


def act(of: str) -> list[dict[str, Any]]:
    return [behavior("def act(self):\n    pass", of=of)]


def test_parts_of_one_type_become_one() -> None:
    first = part(agentAttributes=attributes("Police", "arrests"))
    second = part(4, agentBehaviors=act("PoliceOfficer"))
    found = read_spec(wire(agents=[[first], [second]]))
    assert found.spec is not None and [len(group) for group in found.spec.agents] == [1]
    (police,) = found.spec.agents[0]
    assert police.initial_count == 4
    assert [each.name for each in police.agent_attributes or ()] == ["arrests"]
    assert [each.name for each in police.agent_behaviors or ()] == ["act"]
    assert [each.path for each in found.problems if each.code == "name-assumed"] == ["/agents/1/0"]


def test_a_count_alone_goes_to_the_type_without_one() -> None:
    first = part(agentAttributes=attributes("Wolf", "energy"))
    found = read_spec(wire(agents=[[first, part(7)]]))
    assert found.spec is not None
    assert [each.initial_count for _, each in found.spec.agent_types()] == [7]


def test_whole_types_with_close_names_stay_apart() -> None:
    wolves = part(3, agentAttributes=attributes("Wolf", "energy"))
    leaders = part(1, agentAttributes=attributes("AlphaWolf", "rank"))
    found = read_spec(wire(agents=[[wolves, leaders]]))
    assert found.spec is not None and len(list(found.spec.agent_types())) == 2
    assert not [each for each in found.problems if each.code == "name-assumed"]


def test_of_a_part_that_is_there_twice_the_first_holds() -> None:
    first = part(3, agentAttributes=attributes("Wolf", "energy"))
    second = part(agentAttributes=attributes("wolf", "energy", "age"))
    found = read_spec(wire(agents=[[first, second]]))
    assert found.spec is not None
    (wolf,) = found.spec.agents[0]
    assert [each.source_name for each in wolf.agent_attributes or ()] == [
        "agent.Wolf.agentAttribute.energy",
        "agent.wolf.agentAttribute.age",
    ]
