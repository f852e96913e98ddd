import pytest

from nodes.llm import doctor
from tests.nodes.peers_of_exams import Model, look, one, served

pytestmark = pytest.mark.asyncio


async def looked(server: Model, dates=None, **settings):
    async with served(completions=server.completions) as url:
        given = {"base_url": url, "api_key": "MARK-good-key", "model": "big", **settings}
        return await look("llm.reply", dates=dates, **given)


async def test_a_model_that_answers_in_time_is_green_and_its_clock_is_told():
    dates = []
    found = await looked(Model(), dates, second_model="small", mode="strict")
    assert [finding.ok for finding in found] == [True, True]
    assert "big" in found[0].what
    assert "GMT" in dates[0]


async def test_without_a_key_where_one_is_needed_nobody_is_asked():
    found = await look("llm.reply")
    assert "GROQ_API_KEY" in one(found).remedy


async def test_a_wrong_key_is_one_red_line_for_all_models():
    found = await looked(Model(), api_key="MARK-wrong-key", second_model="small")
    assert "401" in one(found).remedy
    assert len(found) == 1


async def test_a_model_that_the_server_does_not_have_is_named():
    found = await looked(Model(), model="huge", second_model="small")
    assert "huge" in one(found).what
    assert "model" in one(found).remedy
    assert [finding.ok for finding in found] == [False, True]


async def test_a_first_word_that_is_late_is_red():
    model = Model()
    model.first_s = 0.4
    found = await looked(model, first_s=0.1)
    assert "0.1초 안에" in one(found).what


async def test_a_server_that_is_not_there_is_one_red_line():
    found = await look("llm.reply", base_url="http://127.0.0.1:9/v1", model="big", second_model="small")
    assert "프로그램(Ollama, LM Studio 등)이 켜져 있는지" in one(found).remedy
    assert len(found) == 1


@pytest.mark.parametrize("name", ["requests", "tokens"])
async def test_a_quota_that_is_nearly_used_up_is_red(name):
    model = Model()
    model.headers = {f"x-ratelimit-limit-{name}": "1000", f"x-ratelimit-remaining-{name}": "30"}
    found = await looked(model)
    assert "30/1000" in one(found).what
    model.headers[f"x-ratelimit-remaining-{name}"] = "900"
    assert {finding.ok for finding in await looked(model)} == {True}


async def test_an_answer_without_text_is_an_answer():
    model = Model()
    model.text = ""
    (finding,) = await looked(model)
    assert finding.ok
    assert "글이 없는" in finding.what


async def test_a_model_that_had_to_be_loaded_is_green_and_the_time_is_told():
    model = Model()
    model.load_s = 0.4
    (finding,) = await looked(model, first_s=0.3)
    assert finding.ok
    assert "불러오는 데" in finding.what


async def test_a_server_that_says_it_is_loading_is_asked_again_and_the_time_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "AGAIN_S", 0.05)
    model = Model()
    model.loading = 2
    (finding,) = await looked(model)
    assert finding.ok
    assert "불러오는 데" in finding.what
    monkeypatch.setattr(doctor, "LOAD_S", 0.3)
    model.loading = 99
    assert "불러오는 중" in one(await looked(model)).remedy


async def test_a_model_that_thinks_and_a_server_that_refuses_parameters_are_named():
    model = Model()
    model.thinks, model.refuses = 3, {"max_tokens", "stop"}
    (finding,) = await looked(model)
    assert finding.ok
    for word in ("생각부터", "max_tokens", "stop"):
        assert word in finding.what


async def test_a_key_that_cannot_be_sent_is_told_without_asking():
    assert "U+D0A4" in one(await looked(Model(), api_key="MARK-키")).remedy


async def test_what_a_server_refuses_for_good_is_told_in_its_words():
    model = Model()
    model.refuses = {"model"}
    assert "model is not supported" in one(await looked(model)).what


async def test_thoughts_that_a_server_leaves_in_the_text_are_named_too():
    model = Model()
    for model.text in ("The user greets.\n</think>\n응", "<|channel|>analysis<|message|>음<|end|>응"):
        (finding,) = await looked(model)
        assert finding.ok
        assert "생각부터" in finding.what
    model.text = "<think>음"
    (finding,) = await looked(model)
    assert "글이 없는 대답, 생각부터" in finding.what


async def test_thoughts_that_a_server_does_not_show_are_named_too():
    model = Model()
    model.usage = {"completion_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 38}}
    assert "생각부터" in (await looked(model))[0].what
    model.usage["completion_tokens_details"] = {"reasoning_tokens": 0}
    assert "생각부터" not in (await looked(model))[0].what
    model.usage, model.text, model.finish = {}, "", "length"
    assert "글이 없는 대답, 생각부터" in (await looked(model))[0].what


async def test_a_first_word_that_comes_before_the_server_falls_silent_is_in_time():
    model = Model()
    model.text, model.hangs = "응", True
    (finding,) = await looked(model, think_s=0.2)
    assert finding.ok
    assert "첫 글자까지" in finding.what
