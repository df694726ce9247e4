"""The engines routes: field for field and status for status what existing clients expect."""

import copy
import json

import pytest

from abm_quant.api.examples import SPECIFICATION

GENERATE = "/api/v1/engines/abm-quant/generate"
SIR = "an SIR epidemic on a small-world network of 500 people"


def keys_in_order(model: dict) -> list[str]:
    return list(model)


@pytest.fixture(scope="module")
def sir(client):
    return client.post(GENERATE, json={"prompt": SIR}).json()


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_initialize_serves_clients_that_name_themselves(client, prefix, slash):
    url = f"{prefix}/initialize{slash}"
    answer = client.get(url, params={"clientProduct": "p", "clientVersion": "1"})
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "Diagram generation session is ready.",
    }


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"clientProduct": "p"},
        {"clientVersion": "1"},
        {"clientProduct": "", "clientVersion": "1"},
    ],
)
def test_initialize_refuses_clients_without_a_name(client, query):
    answer = client.get("/api/v1/initialize", params=query)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": False,
        "message": "Your client application is not currently supported.",
    }


@pytest.mark.parametrize("url", ["/engines", "/engines/", "/api/v1/engines", "/api/v1/engines/"])
def test_engines_are_listed(client, url):
    answer = client.get(url)
    body = answer.json()
    assert answer.status_code == 200
    assert body["success"] is True
    assert body["recommendedDefaults"] == {"abm": "abm-quant"}
    assert [each["name"] for each in body["engines"]] == ["abm-quant"]
    assert body["engines"][0]["supports"] == ["abm"]
    assert {"name", "supports", "description", "source"} <= body["engines"][0].keys()


def test_parameters_have_the_agreed_order_and_fields(client):
    body = client.get("/api/v1/engines/abm-quant/parameters").json()
    fields = {each["name"]: each for each in body["parameters"]}
    assert list(fields)[:6] == [
        "prompt",
        "currentModel",
        "openAIKey",
        "googleKey",
        "anthropicKey",
        "underlyingModel",
    ]
    assert fields["prompt"] | {"description": ""} == {
        "name": "prompt",
        "type": "string",
        "required": True,
        "uiElement": "textarea",
        "label": "Prompt",
        "description": "",
    }
    assert fields["currentModel"]["type"] == "json"
    assert fields["currentModel"]["uiElement"] == "hidden"
    assert fields["currentModel"]["defaultValue"] == '{"variables": [], "relationships": []}'
    for name in ("openAIKey", "googleKey", "anthropicKey"):
        assert fields[name]["uiElement"] == "password"
        assert fields[name]["saveForUser"] == "global"
        assert fields[name]["required"] is False
    chosen = fields["underlyingModel"]
    assert (chosen["uiElement"], chosen["saveForUser"]) == ("combobox", "local")
    assert chosen["defaultValue"] == "offline"
    assert "offline" in [each["value"] for each in chosen["options"]]
    assert all(each.keys() == {"label", "value"} for each in chosen["options"])


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"default_model": "gpt-5"}, "gpt-5"),
        ({"default_model": "some-new-model"}, "some-new-model"),
        ({"google_key": "k"}, "gemini-3.6-flash"),
    ],
)
def test_the_default_model_is_the_effective_one(serve, overrides, expected):
    body = serve(**overrides).get("/engines/abm-quant/parameters").json()
    field = next(each for each in body["parameters"] if each["name"] == "underlyingModel")
    assert field["defaultValue"] == expected
    assert expected in [each["value"] for each in field["options"]]


@pytest.mark.parametrize("method", ["GET parameters", "POST generate"])
def test_an_unknown_engine_is_not_found_before_anything_else(serve, method):
    verb, route = method.split()
    guarded = serve(authentication_key="secret")
    answer = guarded.request(verb, f"/api/v1/engines/nope/{route}", content=b"not json")
    assert answer.status_code == 404
    assert answer.json() == {"success": False, "message": 'Engine "nope" not found'}


def test_generate_gives_the_whole_answer(sir):
    assert list(sir) == ["success", "model", "supportingInfo"]
    assert sir["success"] is True
    info = sir["supportingInfo"]
    assert {
        "explanation",
        "title",
        "modelId",
        "problems",
        "verification",
        "provider",
        "usage",
        "assumptions",
        "repairs",
        "isDraft",
        "changes",
    } == info.keys()
    assert info["provider"] == "offline"
    assert info["usage"] == {"inputTokens": 0, "outputTokens": 0, "costUsd": 0.0}
    assert 0 < len(info["title"].split()) <= 7
    assert "<" not in info["explanation"]
    assert any("500" in each for each in info["assumptions"])
    assert not [each for each in info["problems"] if each["severity"] == "error"]
    checks = {each["name"]: each["outcome"] for each in info["verification"]["checks"]}
    proved = ["format", "references", "compiled", "imports"]
    assert list(checks)[:4] == proved
    assert {checks[name] for name in proved} == {"passed"}


def test_the_model_has_its_keys_in_the_written_order(sir):
    order = [
        "codingLanguage",
        "abmLibrary",
        "globalFunctions",
        "globalVariables",
        "environment",
        "agents",
        "terminationCriteria",
        "scheduler",
        "dataAnalytics",
    ]
    assert list(sir["model"]) == [each for each in order if each in sir["model"]]
    assert list(sir["model"]["environment"])[:2] == ["name", "description"]


def test_the_prompts_numbers_are_in_the_model(sir):
    assert 500 in [each["initialValue"] for each in sir["model"]["globalVariables"]]


def test_the_model_that_was_generated_is_kept(client, sir):
    kept = client.get(f"/api/v1/models/{sir['supportingInfo']['modelId']}").json()
    assert kept["model"] == sir["model"]
    assert kept["origin"] == {"prompt": SIR, "author": "offline", "parent": None}


def test_it_answers_without_the_prefix_and_with_a_slash(client, sir):
    for url in ("/engines/abm-quant/generate", GENERATE + "/"):
        again = client.post(url, json={"prompt": SIR}, follow_redirects=False)
        assert again.status_code == 200
        assert again.json()["model"] == sir["model"]


EMPTY = {"variables": [], "relationships": []}


@pytest.mark.parametrize(
    "current",
    [None, "", "  ", {}, [], EMPTY, json.dumps(EMPTY), "null", "{}"],
    ids=lambda value: repr(value),
)
def test_an_empty_current_model_means_a_new_model(client, sir, current):
    answer = client.post(GENERATE, json={"prompt": SIR, "currentModel": current}).json()
    assert answer["model"] == sir["model"]


@pytest.mark.parametrize("form", ["object", "whole answer", "text", "whole answer as text"])
def test_a_current_model_is_changed_in_any_of_its_forms(client, sir, form):
    value = sir if "whole" in form else sir["model"]
    current = json.dumps(value) if "text" in form else value
    prompt = "use 200 people"
    answer = client.post(GENERATE, json={"prompt": prompt, "currentModel": current}).json()
    assert answer["success"] is True, answer
    values = {each["name"]: each["initialValue"] for each in answer["model"]["globalVariables"]}
    before = {each["name"]: each["initialValue"] for each in sir["model"]["globalVariables"]}
    assert {name: values[name] for name in values if values[name] != before[name]} == {
        "population": 200
    }


@pytest.mark.parametrize("form", ["whole answer", "whole answer as text", "model", "unknown id"])
def test_a_changed_model_names_its_parent_where_it_is_known(client, sir, form):
    current = sir["model"] if form == "model" else copy.deepcopy(sir)
    if form == "unknown id":
        current["supportingInfo"]["modelId"] = "../../x"
    body = {
        "prompt": f"use {len(form) + 100} people",
        "currentModel": json.dumps(current) if "text" in form else current,
    }
    made = client.post(GENERATE, json=body).json()["supportingInfo"]["modelId"]
    origin = client.get(f"/api/v1/models/{made}").json()["origin"]
    expected = sir["supportingInfo"]["modelId"] if "whole" in form else None
    assert origin["parent"] == expected


def test_unknown_keys_of_the_current_model_come_back(client, sir):
    current = sir["model"] | {"clientNotes": {"color": "red"}}
    answer = client.post(GENERATE, json={"prompt": "200 people", "currentModel": current}).json()
    assert answer["model"]["clientNotes"] == {"color": "red"}


@pytest.mark.parametrize(
    "current",
    [{"variables": [{"name": "x"}], "relationships": []}, "no model", 5, [1], {"agents": 3}],
)
def test_a_current_model_that_is_none_is_refused_with_problems(client, current):
    answer = client.post(GENERATE, json={"prompt": "200 people", "currentModel": current})
    assert answer.status_code == 200
    body = answer.json()
    assert body["success"] is False
    assert body["message"].startswith("Request failed: Error: ")
    assert body["problems"]


@pytest.mark.parametrize("value", [None, "", 0, False, "offline", " OFFLINE "])
def test_no_underlying_model_means_the_default(client, sir, value):
    answer = client.post(GENERATE, json={"prompt": SIR, "underlyingModel": value}).json()
    assert answer["supportingInfo"]["provider"] == "offline"


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("gemini-2.5-flash", "a Google key"),
        ("gpt-5", "an OpenAI key"),
        ("claude-sonnet-4-5-20250929", "an Anthropic key"),
    ],
)
def test_a_named_vendor_model_without_a_key_says_which_key(client, model, key):
    answer = client.post(GENERATE, json={"prompt": SIR, "underlyingModel": model})
    assert answer.status_code == 200
    assert answer.json() == {
        "success": False,
        "message": f"Request failed: Error: To access this service you need to send {key}",
    }


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_key_is_not_a_key(client, blank):
    body = {"prompt": SIR, "underlyingModel": "gpt-5", "openAIKey": blank}
    assert "you need to send an OpenAI key" in client.post(GENERATE, json=body).json()["message"]


def test_a_vendor_is_never_answered_by_the_offline_author(client):
    body = {"prompt": SIR, "underlyingModel": "gpt-5", "openAIKey": "sk-secret-1"}
    answer = client.post(GENERATE, json=body)
    assert answer.json()["success"] is False
    assert "OpenAI" in answer.json()["message"]
    assert "sk-secret-1" not in answer.text


@pytest.mark.parametrize(
    "value", [3, True, 1.5, [], ["gpt-5"], {"a": 1}, "no-such-model", "x" * 999]
)
def test_an_odd_underlying_model_is_a_clean_error(client, value):
    answer = client.post(GENERATE, json={"prompt": SIR, "underlyingModel": value})
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert answer.json()["message"].startswith("Request failed: Error: ")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{", "not JSON"),
        (b"prompt=hello", "not JSON"),
        (b'{"prompt": NaN}', "NaN"),
        (b'{"prompt": "a", "seed": 1e999}', "too large"),
        (b'{"prompt": "\xff"}', "UTF-8"),
        (b'{"prompt": "\\ud800"}', "half of a character"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b"[]", "an array"),
        (b'"hello"', "a string"),
        (b"null", "null"),
        (b"7", "a number"),
        (b"[" * 5000 + b"]" * 5000, "nested"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested"),
        (b"{}", "`prompt` is empty"),
        (b'{"prompt": null}', "`prompt` is empty"),
        (b'{"prompt": ""}', "`prompt` is empty"),
        (b'{"prompt": "  \\n"}', "`prompt` is empty"),
        (b'{"prompt": 5}', "`prompt` must be text"),
        (b'{"prompt": ["a"]}', "`prompt` must be text"),
        (b'{"prompt": "a", "seed": "x"}', "`seed` must be a whole number"),
        (b'{"prompt": "a", "seed": -1}', "`seed` "),
        (b'{"prompt": "a", "maxRepairs": 99}', "`maxRepairs` "),
        (b'{"prompt": "a", "openAIKey": 5}', "`openAIKey` must be text"),
        (b'{"prompt": "forest fire", "target": "cobol"}', "There is no target named 'cobol'"),
        (b'{"prompt": "forest fire", "target": 5}', "`target` must be text"),
    ],
)
def test_a_body_that_says_nothing_is_refused_in_words(client, content, word):
    headers = {"Content-Type": "application/json"}
    answer = client.post(GENERATE, content=content, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["success"] is False
    assert word in body["message"]


def test_keys_never_come_back_in_an_error(client):
    body = {"prompt": 5, "openAIKey": "sk-very-secret", "seed": "sk-very-secret"}
    assert "sk-very-secret" not in client.post(GENERATE, json=body).text


def test_blank_strings_mean_not_given(client, sir):
    body = {"prompt": SIR, "seed": "", "maxRepairs": " ", "target": "", "googleKey": ""}
    assert client.post(GENERATE, json=body).json()["model"] == sir["model"]


def test_nothing_fits_is_said_plainly(client):
    answer = client.post(GENERATE, json={"prompt": "qwertz asdf yxcv"}).json()
    assert answer["success"] is False
    assert answer["message"].startswith("Request failed: Error: ")


def test_undeclared_keys_are_ignored(client, sir):
    body = {"prompt": SIR, "systemPrompt": "x", "baseUrl": "http://example.org", "temperature": 2}
    assert client.post(GENERATE, json=body).json()["model"] == sir["model"]


def test_asking_for_events_gets_the_progress_and_then_the_whole_answer(client, sir):
    answer = client.post(GENERATE, json={"prompt": SIR}, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    kinds = [each["type"] for each in events]
    assert kinds[:3] == ["authoring", "checking", "compiling"] and kinds[-1] == "done"
    assert events[-1]["model"] == sir["model"] and events[-1]["success"] is True


def test_a_failure_is_the_last_event(client):
    answer = client.post(
        GENERATE, json={"prompt": "xyzzy"}, headers={"Accept": "text/event-stream"}
    )
    last = answer.text.split("event: failed")[1]
    assert '"success": false' in last and "Request failed: Error: " in last


@pytest.fixture(scope="module")
def guarded(serve):
    return serve(authentication_key="open sesame ü")


class TestAuthentication:
    def post(self, guarded, header: str | None = None, **body):
        headers = {} if header is None else {"Authentication": header.encode()}
        return guarded.post(GENERATE, json={"prompt": SIR, **body}, headers=headers)

    @pytest.mark.parametrize("header", [None, "", "wrong", "open sesame", "Bearer open sesame ü"])
    def test_a_missing_or_wrong_header_is_unauthorized(self, guarded, header):
        answer = self.post(guarded, header)
        assert answer.status_code == 403
        assert answer.json() == {
            "success": False,
            "message": "Unauthorized, please pass valid Authentication header.",
        }

    def test_the_right_header_passes(self, guarded):
        assert self.post(guarded, "open sesame ü").json()["success"] is True

    def test_the_own_key_of_the_selected_vendor_passes(self, guarded):
        answer = self.post(guarded, underlyingModel="gpt-5", openAIKey="sk-1")
        assert answer.status_code == 200
        assert "Unauthorized" not in answer.text

    @pytest.mark.parametrize(
        "body",
        [
            {"underlyingModel": "gpt-5", "googleKey": "k"},
            {"underlyingModel": "gpt-5", "openAIKey": " "},
            {"underlyingModel": "offline", "openAIKey": "k"},
            {"underlyingModel": "no-such-model", "openAIKey": "k"},
            {"underlyingModel": "gpt-5", "openAIKey": {"a": 1}},
        ],
    )
    def test_any_other_key_does_not(self, guarded, body):
        assert self.post(guarded, **body).status_code == 403

    def test_a_broken_body_does_not_get_around_it(self, guarded):
        assert guarded.post(GENERATE, content=b"{").status_code == 403

    @pytest.mark.parametrize(
        "url", ["/api/v1/initialize", "/engines", "/engines/abm-quant/parameters"]
    )
    def test_reading_stays_open(self, guarded, url):
        assert guarded.get(url).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/api/v1/engines/abm-quant/generate", 405),
        ("DELETE", "/engines", 405),
        ("GET", "/api/v1/engines/abm-quant/nothing", 404),
        ("GET", "/engines/abm-quant", 404),
        ("POST", "/initialize", 405),
    ],
)
def test_wrong_methods_and_paths_are_json_too(client, method, url, status):
    answer = client.request(method, url)
    assert answer.status_code == status
    assert answer.json().keys() == {"success", "message"}
    assert answer.json()["success"] is False


def test_the_documented_example_of_a_change_works(client):
    answer = client.post(
        GENERATE, json={"prompt": "a bias of 0.9", "currentModel": SPECIFICATION}
    ).json()
    assert answer["success"] is True, answer
    assert answer["model"]["globalVariables"][0]["initialValue"] == 0.9
