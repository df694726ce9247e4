"""Models, code, downloads and the gallery."""

import ast
import copy
import io
import json
import zipfile

import pytest

from abm_quant.api.examples import SPECIFICATION

PROJECT = {"model.py", "run.py", "app.py", "spec.json", "ODD.md", "README.md", "requirements.txt"}


@pytest.fixture(scope="module")
def kept(client):
    answer = client.post("/api/v1/models", json={"model": SPECIFICATION, "title": "Coin flips"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == answer.json()["links"]["self"]
    return answer.json()


def broken(**changes):
    spec = copy.deepcopy(SPECIFICATION)
    spec.update(changes)
    return spec


def test_a_kept_model_says_its_id_problems_and_links(kept):
    assert kept.keys() == {"id", "title", "problems", "links"}
    assert kept["links"]["code"] == f"/api/v1/models/{kept['id']}/code"


@pytest.mark.parametrize(
    "body",
    [
        {"model": SPECIFICATION, "title": "Coin flips"},
        {"spec": SPECIFICATION, "title": "Coin flips"},
        {"model": json.dumps(SPECIFICATION), "title": "Coin flips"},
        {**SPECIFICATION, "title": "Coin flips"},
    ],
    ids=["model", "spec", "text", "bare"],
)
def test_the_same_specification_in_any_form_is_valid(client, body):
    answer = client.post("/api/v1/validate", json=body)
    assert answer.status_code == 200
    assert answer.json()["valid"] is True
    assert answer.json()["title"] == "Coin flips"


def test_keeping_the_same_again_gives_the_same_id(client, kept):
    body = {"spec": SPECIFICATION, "title": "Coin flips"}
    assert client.post("/api/v1/models/", json=body).json()["id"] == kept["id"]


def test_a_kept_model_can_be_read(client, kept):
    model = client.get(kept["links"]["self"]).json()
    assert model["model"] == SPECIFICATION
    assert model["title"] == "Coin flips"
    assert model["origin"] == {"prompt": None, "author": "user", "parent": None}
    assert {"name": "bias", "default": 0.5, "description": "Probability of heads"} in (
        model["parameters"]
    )
    assert model["maxSteps"] == 50


def test_a_long_title_is_shortened_and_markup_is_removed(client):
    body = {"model": broken(note=1), "title": "one <b>two</b> three four five six seven eight"}
    answer = client.post("/api/v1/models", json=body).json()
    assert answer["title"] == "one two three four five six seven"


def test_the_code_is_python(client, kept):
    answer = client.get(kept["links"]["code"], params={"target": "mesa"})
    assert answer.headers["content-type"].startswith("text/x-python")
    classes = [node.name for node in ast.parse(answer.text).body if isinstance(node, ast.ClassDef)]
    assert "Coin" in classes


def test_the_odd_description_is_markdown(client, kept):
    answer = client.get(kept["links"]["odd"])
    assert answer.headers["content-type"].startswith("text/markdown")
    assert "Purpose" in answer.text


def test_the_project_is_a_zip_with_the_same_bytes_each_time(client, kept):
    answer = client.get(kept["links"]["download"])
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="coin-flips-mesa.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == PROJECT
        words = {"title": "Coin flips", "explanation": SPECIFICATION["environment"]["description"]}
        assert json.loads(archive.read("spec.json")) == SPECIFICATION | words
    assert client.get(kept["links"]["download"]).content == answer.content


def test_compiling_keeps_nothing(client):
    before = client.get("/api/v1/models").json()
    body = {"model": broken(fresh=1), "title": "Coin flips", "target": "mesa"}
    compiled = client.post("/api/v1/compile", json=body).json()
    assert set(compiled["files"]) == PROJECT
    assert compiled["entryPoint"] == "CoinFlips"
    assert compiled["target"] == "mesa"
    assert any(each["label"] == "Coin.flip" for each in compiled["sourceMap"])
    assert client.get("/api/v1/models").json() == before


def test_models_are_listed_in_pages_newest_first(serve):
    client = serve()
    ids = [
        client.post("/api/v1/models", json={"model": broken(n=n), "title": f"M{n}"}).json()["id"]
        for n in range(3)
    ]
    first = client.get("/api/v1/models", params={"limit": 2}).json()
    assert [each["id"] for each in first["items"]] == ids[:0:-1]
    rest = client.get("/api/v1/models", params={"limit": 2, "cursor": first["nextCursor"]}).json()
    assert [each["id"] for each in rest["items"]] == ids[:1]
    assert rest["nextCursor"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [({"limit": 0}, 422), ({"limit": 101}, 422), ({"limit": "x"}, 422), ({"cursor": "x"}, 404)],
)
def test_bad_pages_are_problems(client, query, status):
    answer = client.get("/api/v1/models", params=query)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("part", ["", "/code", "/odd", "/download"])
@pytest.mark.parametrize("model_id", ["0" * 20, "x", "..%2f..", "%00", "record.json"])
def test_an_unknown_model_is_not_found(client, part, model_id):
    answer = client.get(f"/api/v1/models/{model_id}{part}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("part", ["code", "odd", "download"])
def test_an_unknown_target_is_not_found(client, kept, part):
    answer = client.get(f"/api/v1/models/{kept['id']}/{part}", params={"target": "cobol"})
    assert answer.status_code == 404
    assert "Known targets: agentpy, mesa" in answer.json()["detail"]


@pytest.mark.parametrize("route", ["models", "compile"])
def test_an_unknown_target_of_a_body_is_not_found(client, route):
    answer = client.post(f"/api/v1/{route}", json={"model": SPECIFICATION, "target": "cobol"})
    assert answer.status_code == 404
    answer = client.post(f"/api/v1/{route}", json={"model": SPECIFICATION, "target": ["mesa"]})
    assert answer.status_code == 422


@pytest.mark.parametrize("route", ["models", "validate", "compile"])
def test_a_model_with_errors_lists_all_of_them(client, route):
    spec = broken(terminationCriteria={"maxSteps": 0})
    del spec["environment"]
    answer = client.post(f"/api/v1/{route}", json={"model": spec})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == "urn:abm-quant:problem:invalid-model"
    assert {each["path"] for each in document["problems"]} == {
        "/environment",
        "/terminationCriteria/maxSteps",
    }
    assert all(each["message"] and each["code"] for each in document["problems"])


def test_code_that_cannot_be_allowed_is_refused(client):
    spec = broken()
    spec["agents"][0][0]["agentBehaviors"][0][
        "code"
    ] = "def flip(self):\n    import os\n    os.fork()"
    answer = client.post("/api/v1/models", json={"model": spec})
    assert answer.status_code == 422
    assert "forbidden-code" in {each["code"] for each in answer.json()["problems"]}


@pytest.mark.parametrize("route", ["models", "compile", "runs"])
def test_all_that_models_cannot_run_is_said_at_once_with_its_line(client, route):
    spec = broken()
    body = "import requests\n    x = open('a.csv').read()\n    time.sleep(1)\n    return eval(x)"
    spec["agents"][0][0]["agentBehaviors"][0]["code"] = f"def flip(self):\n    {body}"
    answer = client.post(f"/api/v1/{route}", json={"model": spec})
    assert answer.status_code == 422
    found = [each for each in answer.json()["problems"] if each["severity"] == "error"]
    assert {(each["code"], each["path"]) for each in found} == {
        ("forbidden-code", "/agents/0/0/agentBehaviors/0/code")
    }
    assert [each["message"].partition(". ")[2].partition("of its code")[0] for each in found] == [
        "Line 2 ",
        "Line 3 ",
        "Line 5 ",
    ]
    assert all(each["hint"] for each in found)


class TestGallery:
    def test_all_models_are_listed(self, client):
        items = client.get("/api/v1/gallery").json()["items"]
        assert "sir-network" in [each["name"] for each in items]
        assert all(each["title"] and each["reference"] for each in items)

    def test_each_link_leads_to_a_specification(self, client, gallery):
        for each in client.get("/api/v1/gallery").json()["items"]:
            entry = client.get(each["link"]).json()
            assert entry["model"] == gallery(each["name"])

    @pytest.mark.parametrize("name", ["nope", "..", "..%2fabm-model.schema", "sir-network.json"])
    def test_an_unknown_name_is_not_found(self, client, name):
        answer = client.get(f"/api/v1/gallery/{name}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
