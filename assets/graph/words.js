// The words of the graph page, in Korean and in English.

const KO = {
  title: "aischoco 그래프", view: "보기 방식", drawing: "그림", tables: "표", counts: "시청자 채팅의 행방", graph: "지금 도는 그래프",
  zoom: "크기", smaller: "작게", larger: "크게", fit: "맞춤", turns: "대답 하나하나", details: "자세히", look: "살펴보기",
  why: "왜 대답 안 했나", live: "실시간", lost: "연결 끊김 · 다시 잇는 중", running_for: "켠 지", generation: "판",
  came: "받음", answered: "대답함", waiting: "기다림", dropped: "버림", malformed: "읽지 못함", repeated: "다시 옴",
  voice: "채팅에서 목소리까지", begun: "대답 시작", to_sound: "시작에서 첫 소리까지", typical: "보통", slow: "느릴 때", target: "목표", errors: "오류", restarts: "재시작", stall: "가장 긴 멈춤", cpu: "CPU", memory: "메모리", gpu: "그래픽 메모리", none: "없음",
  node: "노드", edge: "연결", type: "종류", state: "상태", rate: "초당", queue: "대기열", age: "지연 p95", drops: "버림", total: "누적",
  last_error: "마지막 오류", event: "이벤트", policy: "넘치면", most: "최대 대기", age50: "지연 p50", inputs: "들어오는 연결", outputs: "나가는 연결",
  line: "번째 줄", open_line: "편집기에서 열기", copy: "경로 복사", copied: "복사했어요", nodes: "노드", edges: "연결", in: "들어옴", out: "나감",
  choose: "노드나 연결을 누르면 여기에 자세한 내용이 나옵니다. 연결을 누르면 지금 지나가는 이벤트가 보입니다.",
  passing: "지나가는 이벤트", pause: "멈춤", go_on: "계속", nothing_passed: "아직 지나간 이벤트가 없습니다.", closed_here: "이 연결은 이제 없습니다.",
  gone: "이 노드는 이제 없습니다.", no_turns: "아직 대답이 없습니다.", ask: "닉네임, 내용 또는 아이디", search: "찾기",
  ask_hint: "최근 채팅 2,000개에서 찾습니다. 무엇이 되었고 왜 그랬는지 보여 줍니다.", nothing_found: "최근 채팅에서 찾지 못했습니다.",
  did_answer: "대답함", did_wait: "기다리는 중", did_drop: "버려짐", unknown: "알 수 없음", in_turn: "이 대답 보기", waits_at: "기다리는 곳", not_yet: "다음 대답의 차례를 기다립니다", ago: "전",
  feedback: "되돌아가는 연결", changed: "그래프가 바뀌었습니다", problem: "저장된 파일에 문제가 있어 앞의 그래프가 계속 돕니다", page_error: "지금은 볼 수 없습니다",
  gather: "모으기", think: "생각", write: "첫 문장", speak: "목소리", start: "소리 준비", talk: "말하는 중", batch: "묶인 채팅", rung: "대답한 곳", confidence: "확신", processing_time: "다 쓰기까지",
  states: { idle: "준비", running: "도는 중", draining: "비우는 중", restarting: "다시 켜는 중", degraded: "고장", completed: "끝남", stopped: "꺼짐" },
  lanes: { donation: "후원", subscription: "구독", mention: "호출", chat: "채팅" },
  channel: "채널", kinds: { ChatMessage: "채팅", Donation: "후원", Subscription: "구독" },
  policies: { fresh: "오래된 것을 버림", sure: "절대 버리지 않음", block: "앞이 기다림", latest: "마지막 것만" },
  reasons: {
    too_short: "너무 짧음", too_long: "너무 김", repeated: "같은 글자 반복", link: "링크", duplicate: "같은 말 반복", rate: "한 사람이 너무 자주",
    banned_word: "금지어", banned_name: "금지된 닉네임", streamer_hidden: "방송인 채팅 숨김", flood: "채팅이 너무 많음", stale: "너무 오래 기다림", not_mentioned: "이름을 부르지 않음", other_channel: "다른 채널", command: "프로그램에 내린 명령",
    own: "캐릭터 자신의 글", injection: "모델에게 내리는 명령", withdrawn: "삭제되거나 가려짐", failed: "노드 오류", unanswered: "소리 없이 끝난 대답",
    unaccounted: "까닭 모름",
  },
};

const EN = {
  title: "aischoco graph", view: "View", drawing: "Drawing", tables: "Tables", counts: "What became of the chat", graph: "The running graph",
  zoom: "Size", smaller: "Smaller", larger: "Larger", fit: "Fit", turns: "Turns", details: "Details", look: "Inspect",
  why: "Why no answer?", live: "live", lost: "connection lost · retrying", running_for: "up", generation: "generation",
  came: "received", answered: "answered", waiting: "waiting", dropped: "dropped", malformed: "unreadable", repeated: "came again",
  voice: "Chat to voice", begun: "turn begins", to_sound: "Turn to first sound", typical: "p50", slow: "p95", target: "target", errors: "errors", restarts: "restarts", stall: "longest stall", cpu: "CPU", memory: "memory", gpu: "GPU memory", none: "none",
  node: "Node", edge: "Edge", type: "Type", state: "State", rate: "Per second", queue: "Queue", age: "Age p95", drops: "Dropped", total: "Total",
  last_error: "Last error", event: "Event", policy: "When full", most: "Longest queue", age50: "Age p50", inputs: "Edges in", outputs: "Edges out",
  line: "line", open_line: "Open in the editor", copy: "Copy path", copied: "Copied", nodes: "Nodes", edges: "Edges", in: "In", out: "Out",
  choose: "Press a node or an edge to see all about it here. An edge shows the events that pass it right now.",
  passing: "Passing events", pause: "Pause", go_on: "Go on", nothing_passed: "No event has passed yet.", closed_here: "This edge is gone.",
  gone: "This node is gone.", no_turns: "No answers yet.", ask: "Nickname, words or id", search: "Search",
  ask_hint: "Looks through the last 2,000 messages and tells what became of each, and why.", nothing_found: "Not among the messages of late.",
  did_answer: "answered", did_wait: "waiting", did_drop: "dropped", unknown: "unknown", in_turn: "show the turn", waits_at: "waits at", not_yet: "waits for its turn", ago: "ago",
  feedback: "feedback", changed: "The graph has changed", problem: "The saved file has a problem; the graph before it keeps running", page_error: "Cannot be shown now",
  gather: "gather", think: "think", write: "first sentence", speak: "voice", start: "output", talk: "talking", batch: "Messages", rung: "Answered by", confidence: "Confidence", processing_time: "Whole answer",
  states: { idle: "idle", running: "running", draining: "draining", restarting: "restarting", degraded: "degraded", completed: "completed", stopped: "stopped" },
  lanes: { donation: "donation", subscription: "subscription", mention: "mention", chat: "chat" },
  channel: "channel", kinds: { ChatMessage: "chat", Donation: "donation", Subscription: "subscription" },
  policies: { fresh: "drops the oldest", sure: "never drops", block: "makes the writer wait", latest: "keeps the newest" },
  reasons: {
    too_short: "too short", too_long: "too long", repeated: "repeated characters", link: "link", duplicate: "duplicate", rate: "too often",
    banned_word: "banned word", banned_name: "banned name", streamer_hidden: "streamer hidden", flood: "flood", stale: "waited too long", not_mentioned: "not addressed by name", other_channel: "another channel", command: "order to a program",
    own: "by the character itself", injection: "orders to the model", withdrawn: "deleted or hidden", failed: "a node failed",
    unanswered: "turn ended without a sound", unaccounted: "unaccounted",
  },
};

export const WORDS = { ko: KO, en: EN };
