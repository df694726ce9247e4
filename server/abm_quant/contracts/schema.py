"""The JSON Schema of the specification, as clients and other languages read it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from abm_quant.contracts.spec import ModelSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:abm-quant:schema:abm-model"
TITLE = "Agent-based model specification"


class _Generator(GenerateJsonSchema):
    """Leaves out titles that only repeat the name of a field."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def model_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a ModelSpec on the wire.

    It accepts exactly what ModelSpec accepts; the descriptions are the docstrings of the fields.
    """
    body = ModelSpec.model_json_schema(
        by_alias=True, mode="validation", schema_generator=_Generator
    )
    heading = {"$schema": DIALECT, "$id": IDENTIFIER, "title": TITLE}
    parts = {key: value for key, value in body.items() if key not in heading}
    return {**heading, **_unwrapped(parts)}


def _unwrapped(node: Any) -> Any:
    """Give the schema with each description on one line."""
    if isinstance(node, list):
        return [_unwrapped(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: (
            " ".join(value.split())
            if key == "description" and isinstance(value, str)
            else _unwrapped(value)
        )
        for key, value in node.items()
    }
