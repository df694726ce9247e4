"""The answer is found in whatever a language model has wrapped it in."""

import json
import time

import pytest

from abm_quant.authoring.finding import answer_in

MODEL = {"agents": [], "environment": {"name": "e"}}
ANSWER = {"plan": "p", "model": MODEL, "title": "t"}
TEXT = json.dumps(ANSWER)
WRAPPED = {
    "plain": TEXT,
    "indented": json.dumps(ANSWER, indent=2),
    "fenced": f"```json\n{TEXT}\n```",
    "fenced among words": f"Here it is:\n```json\n{TEXT}\n```\nEnjoy.",
    "after an apology": f"I am sorry for {{my}} mistake. {TEXT}",
    "after braces of code": f"Use `{{x for x in y}}` and {{}}: {TEXT} {{done}}",
    "text of JSON": json.dumps(TEXT),
    "text of text of JSON": json.dumps(json.dumps(TEXT)),
    "model as text": json.dumps(ANSWER | {"model": json.dumps(MODEL)}),
    "tool call": json.dumps({"name": "abm_model", "arguments": ANSWER}),
    "tool call with text": json.dumps({"name": "abm_model", "arguments": TEXT}),
    "tool call in tags": f'<tool_call>{{"name": "f", "input": {TEXT}}}</tool_call>',
    "array": f"[{TEXT}]",
    "second object": f'{{"thought": "first this"}}\n{TEXT}',
    "byte order mark": f"\ufeff{TEXT}",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_the_answer_is_found(name: str) -> None:
    found = answer_in(WRAPPED[name])
    assert found.answer == ANSWER and found.notes == ()


def test_of_two_models_the_last_counts_and_it_is_said() -> None:
    found = answer_in(f"{TEXT}\nWait, better:\n{json.dumps(ANSWER | {'title': 'new'})}")
    assert found.answer["title"] == "new"
    assert found.notes == ("The answer held several models; the last one was read.",)


def test_a_key_that_stands_twice_loses_nothing_silently() -> None:
    found = answer_in('{"model": {"a": [1], "a": [2], "b": 1, "b": 2, "c": 3, "c": 3}}')
    assert found.answer == {"model": {"a": [1, 2], "b": 2, "c": 3}}
    assert len(found.notes) == 2 and "`a`" in found.notes[0] and "`b`" in found.notes[1]


def test_a_bare_specification_is_an_answer() -> None:
    assert answer_in(json.dumps(MODEL)).answer == MODEL


@pytest.mark.parametrize(
    "text", ["", "I would rather not.", "[]", '"', '"x"', "3", "{", TEXT[:-1], "{" * 100, '{"a":']
)
def test_without_an_object_the_text_is_the_answer(text: str) -> None:
    assert answer_in(text).answer == text


HOSTILE = {
    "deep": '{"a":' * 200_000,
    "deep arrays": '{"model":' + "[" * 200_000,
    "braces": "{" * 1_000_000,
    "open objects": '{"a": 1, ' * 100_000,
    "many objects": '{"a": 1} ' * 200_000,
    "digits": '{"a": ' + "1" * 1_000_000 + "}",
    "quotes": '"' + '\\"' * 500_000,
    "text in text": '{"a": "{\\"a\\": \\"{' + "x" * 1_000_000,
    "wrapped in itself": '{"a":' * 900 + TEXT + "}" * 900,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_bounded_time(name: str) -> None:
    began = time.monotonic()
    answer_in(HOSTILE[name])
    assert time.monotonic() - began < 5
