"""A ChatModel that replays recorded answers."""

import json
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from abm_quant.errors import BadRequest, NotFound
from abm_quant.llm.chat import ChatEvent, ChatReply, ChatRequest, TextDelta

_PIECE = 400
_replies: TypeAdapter[list[ChatReply]] = TypeAdapter(list[ChatReply])


class ScriptedModel:
    """Gives its answers in order, in pieces, whatever is asked; keeps what was asked."""

    def __init__(self, replies: Iterable[ChatReply | Exception]) -> None:
        self._replies = list(replies)
        self.requests: list[ChatRequest] = []
        """What was asked so far."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent]:
        """Give the next recorded answer; raises NotFound when there is none left."""
        self.requests.append(request)
        if not self._replies:
            raise NotFound("The recording has no answer left.")
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        for start in range(0, len(reply.text), _PIECE):
            yield TextDelta(text=reply.text[start : start + _PIECE])
        yield reply


def read_recording(path: Path) -> list[ChatReply]:
    """Give the answers of a recording: a JSON array of {text, stop_reason, usage}.

    Raises BadRequest when the file is no recording.
    """
    try:
        return _replies.validate_json(path.read_bytes())
    except (OSError, ValidationError) as failure:
        raise BadRequest(f"{path.name} is not a recording of answers.") from failure


def write_recording(replies: Iterable[ChatReply], path: Path) -> None:
    """Write a recording."""
    data: list[dict[str, Any]] = _replies.dump_python(list(replies), mode="json")
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
