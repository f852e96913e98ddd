"""What the operator is shown about a model: Korean, then English after a slash."""

from nodes.llm._model.chat_wire import Kind

NO_KEY = (
    "GROQ_API_KEY가 없어 언어 모델 없이 방송합니다. https://console.groq.com/keys 에서 키를 만들어 .env 파일에 "
    "GROQ_API_KEY=키 를 적고 다시 시작하세요. / no API key"
)
WRONG_KEY = (
    "언어 모델 서버가 API 키를 받아들이지 않아(401) 언어 모델 없이 방송합니다. .env 파일의 GROQ_API_KEY를 확인하고 "
    "다시 시작하세요. / the server does not take the API key"
)
BAD_KEY = (
    "API 키에 쓸 수 없는 글자가 있어 언어 모델 없이 방송합니다: {}. .env 파일의 GROQ_API_KEY에 키만 "
    "다시 붙여 넣고 다시 시작하세요. / the API key has a character that no key can have"
)
CUT = {
    "loop": "모델이 같은 말을 되풀이해 거기서 맺었습니다 ({}번째). 자주 그러면 temperature를 올리거나 "
    "다른 모델을 쓰세요. / the answer went round in circles",
    "long": "대답이 max_chars보다 길어 문장 끝에서 맺었습니다 ({}번째). / an answer longer than max_chars",
}
WHY: dict[Kind, str] = {
    "broken": "서버에 연결하지 못했거나 대답이 중간에 끊겼습니다. 인터넷 연결과 base_url을 확인하세요. / no connection",
    "slow": "대답이 너무 늦습니다. 계속되면 first_s와 total_s를, 그래프에 budget_s가 있으면 그것도 늘리세요. "
    "/ too slow: raise first_s, total_s and budget_s",
    "thinking": "모델이 생각만 하다가 시간이나 토큰을 다 썼습니다. 다음부터 생각을 덜 하라고 부탁합니다. 계속되면 "
    "think_s와 max_tokens를 늘리거나 다른 모델을 쓰세요. / it only thought: raise think_s, or use another model",
    "loading": "서버가 모델을 불러오는 중입니다. 다 되면 이어집니다. / the server is loading the model",
    "server": "서버에 문제가 있습니다. 잠시 뒤 풀립니다. / an error of the server; wait",
    "busy": "요청 한도를 넘었습니다. 잠시 뒤 풀립니다. 자주 그러면 batch의 max_wait_s를 늘리세요. "
    "/ too many requests; wait, or raise max_wait_s of batch",
    "too_large": "한 번에 보낼 수 있는 양을 넘었습니다. max_tokens와 keep_tokens를 줄이세요. "
    "/ too long: lower max_tokens and keep_tokens",
    "bad_output": "모델의 대답이 비었거나 잘렸습니다. 계속되면 max_tokens를 늘리세요. / cut off: raise max_tokens",
    "unauthorised": WRONG_KEY,
    "unpaid": "계정에 남은 돈이나 무료 사용량이 없습니다. 서버의 결제 화면에서 잔액과 한도를 확인하세요. "
    "/ no credit left: check the account's balance and spending limit",
    "refused": "서버가 요청을 받아들이지 않습니다. model과 base_url을 확인하세요. / refused: check model and base_url",
}
