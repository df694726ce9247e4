"""Writes schemas/abm-model.schema.json anew: `python tests/export_schema.py`."""

import json
from pathlib import Path

from abm_quant.contracts.schema import model_schema

SCHEMA_FILE = Path(__file__).resolve().parents[1] / "schemas" / "abm-model.schema.json"


def schema_text() -> str:
    """Give the text of the file as it must be."""
    return json.dumps(model_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    print(f"Wrote {SCHEMA_FILE}.")
