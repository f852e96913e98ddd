"""The commands of ``aischoco.py``: a public file is a command, ``_x`` is part of one."""

OWN = {
    "run": "run a graph (the default)",
    "check": "find every mistake in graphs without running them",
    "nodes": "list the node types, or describe one; --schema prints the JSON Schema",
    "show": "print a graph as Mermaid",
    "top": "show what the running graph does, once a second",
    "init": "다섯 가지를 묻고 내 그래프와 .env를 씁니다 (five questions, then a graph and .env of your own)",
    "doctor": "방송 전 점검: 빨간 줄마다 고치는 법 (check all that a live show needs, with remedies)",
    "tune": "이 컴퓨터를 재고 그래프에 맞는 설정을 권합니다 (measure this machine and propose settings that fit it)",
    "record": "방송 중에 연결 하나를 파일로 녹화합니다 (record an edge of the running show)",
    "replay": "녹화된 채팅을 그래프에 다시 흘립니다 (run a recorded chat through a graph, in virtual time)",
    "fleet": "여러 컴퓨터에서 여러 방송을 켜 둡니다 (keep many shows on air on a Ray cluster)",
    "rehearse": "가짜 시청자들로 예행연습을 합니다 (a synthetic crowd through a graph)",
    "test": "run the tests in graphs (test GRAPH), or the project's own: what follows is for pytest",
}
"""Command -> its help. Each is a file of this folder; its ``main`` takes the words after the command and the project
folder, and returns an exit code (``schemas.command``). ``argparse`` may exit early; ``cli`` handles that."""
