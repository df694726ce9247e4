"""What the parts of a specification are called, to find them again in another version of it."""

from typing import Any


def declared_name(item: Any) -> str:
    """Give the name of a declaration, an agent type or a group of agent types; else ""."""
    if isinstance(item, list):
        return " and ".join(filter(None, map(declared_name, item)))
    if not isinstance(item, dict):
        return ""
    if "sourceName" in item:
        return str(item["sourceName"])
    return _type_name(item) or str(item.get("name") or "")


def _type_name(item: dict[str, Any]) -> str:
    """Give `agent.T` for an agent type, whose name stands in the sourceNames of its parts."""
    for part in (*(item.get("agentAttributes") or ()), *(item.get("agentBehaviors") or ())):
        pieces = str(part.get("sourceName", "")).split(".") if isinstance(part, dict) else []
        if len(pieces) > 2 and pieces[0] == "agent":
            return f"agent.{pieces[1]}"
    return ""
