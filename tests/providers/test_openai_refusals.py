"""What a server says instead of an answer: whose fault that is, and what can be done about it."""

import json
import logging
import traceback

import pytest

from chat.providers import errors


@pytest.mark.parametrize(
    ("status", "problem", "kind", "blame", "retryable"),
    [
        (401, {"code": "invalid_api_key", "message": "sk-mykey"}, errors.KeyRefused, "site", False),
        (400, {"code": "context_length_exceeded"}, errors.TooLong, "upstream", False),
        (404, {"code": "model_not_found"}, errors.UnknownModel, "site", False),
        (403, {"code": "model_not_found"}, errors.UnknownModel, "site", False),
        (404, "a text", errors.WrongAddress, "site", False),
        (429, {"type": "insufficient_quota"}, errors.AccountUsedUp, "site", False),
        (402, {"message": "Insufficient Balance"}, errors.AccountUsedUp, "site", False),
        (402, None, errors.AccountUsedUp, "site", False),
        (400, {"message": "This model's maximum context length is 9 tokens."}, errors.TooLong, "upstream", False),
        (413, "a text", errors.TooLong, "upstream", False),
        (400, {"message": "Unknown field"}, errors.Rejected, "upstream", False),
        (500, {"message": "maximum context length"}, errors.HTTPError, "upstream", True),
        (429, None, errors.RateLimited, "upstream", True),
        (503, {"code": {"odd": []}}, errors.HTTPError, "upstream", True),
        (200, {"code": 429}, errors.RateLimited, "upstream", True),
        (200, {"code": "rate_limit_exceeded"}, errors.RateLimited, "upstream", True),
        (200, {"code": "context_length_exceeded"}, errors.TooLong, "upstream", False),
        (200, {"message": "Hello sk-mykey"}, errors.HTTPError, "upstream", True),
        (200, "overloaded", errors.HTTPError, "upstream", True),
    ],
)
async def test_error_objects_are_explained_without_their_words(said, status, problem, kind, blame, retryable, caplog):
    caplog.set_level(logging.DEBUG)
    data = json.dumps({"error": problem}).encode()
    told = await said(data if status != 200 else b"data: " + data + b"\n\n", status=status)
    assert (type(told.error), told.error.blame, told.error.retryable) == (kind, blame, retryable)
    assert told.error.__context__ is None
    assert "sk-mykey" not in "".join(traceback.format_exception(told.error)) + repr(vars(told.error)) + caplog.text


NO_MODEL = [  # as servers put it: OpenAI, Ollama, vLLM, an older vLLM, llama.cpp, LM Studio
    {"error": {"message": "The model `org/big.1` does not exist", "param": None, "code": "model_not_found"}},
    {"error": {"message": 'model "org/big.1" not found, try pulling it first', "type": "api_error", "code": None}},
    {"error": {"message": "The model `org/big.1` does not exist.", "type": "NotFoundError", "code": 404}},
    {"object": "error", "message": "The model `org/big.1` does not exist.", "type": "NotFoundError", "code": 404},
    {"error": {"code": 404, "message": "model 'org/big.1' not found", "type": "not_found_error"}},
    {"error": {"message": "No such thing.", "type": "invalid_request_error", "param": "model"}},
]
NO_ADDRESS = [  # OpenAI, llama.cpp, FastAPI and vLLM, a text, nothing
    b'{"error":{"message":"Invalid URL (POST /big/chat/completions)","type":"invalid_request_error","code":null}}',
    b'{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}',
    b'{"detail":"Not Found"}',
    b"404 page not found",
    b"",
]


@pytest.mark.parametrize("body", NO_MODEL)
async def test_a_server_without_this_model_says_so(said, body):
    told = await said(json.dumps(body).encode(), status=404, content_type="application/json", model="org/big.1")
    assert (told.error.code, told.error.blame) == ("unknown_model", "site")


@pytest.mark.parametrize("body", NO_ADDRESS)
@pytest.mark.parametrize("model", ["big", "chat", "Not-Found"])
async def test_an_address_where_no_such_server_answers_says_so(said, body, model):
    told = await said(body, status=404, content_type="application/json", model=model)
    assert (told.error.code, told.error.blame) == ("wrong_address", "site")


async def test_an_address_that_is_refused_with_success_is_wrong_too(said):
    """LM Studio answers so to an address without /v1."""
    told = await said(
        b'{"error":"Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway"}',
        content_type="application/json",
    )
    assert told.error.code == "wrong_address"
    told = await said(b'{"error":', b'{"code":"rate_limit_exceeded"}}', content_type="application/json")
    assert told.error.code == "rate_limited"
    told = await said(b'{"choices":[{"message":{"content":"Not streamed"}}]}', content_type="application/json")
    assert told.error.code == "unexpected_content"


@pytest.mark.parametrize("at", range(1, 15))
async def test_a_page_that_calls_itself_a_stream_is_a_wrong_address(said, at):
    page = b"\n<!DOCTYPE html><p>data: nothing</p>"
    assert (await said(page[:at], page[at:])).error.code == "wrong_address"
