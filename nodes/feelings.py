"""The feelings that every part of the show knows, by their Korean and English words."""

_FEELINGS = {
    "happy": "기쁨 기쁜 기뻐 기뻤 기쁘 행복 즐거 즐겁 미소 웃 방긋 빙긋 빙그레 활짝 히죽 피식 키득 사랑 뿌듯 반가 감동"
    " 감사 만족 흐뭇 애교 귀여 좋음 장난 수줍 부끄 happy joy smil laugh giggl grin chuckl glad cheer love proud amus"
    " grateful playful teas shy",
    "sad": "슬픔 슬픈 슬퍼 슬프 씁쓸 쓸쓸 우울 눈물 울먹 훌쩍 흐느 울며 울면서 서운 속상 시무룩 아쉬 한숨"
    " 걱정 미안 외로 그리움 실망 억울 후회 sad cry cri sob tear weep worr disappoint lonely",
    "angry": "화남 화난 화나 화를 화가 분노 짜증 버럭 씩씩거 삐진 삐져 삐짐 발끈 질투 정색"
    " angry mad pout furious annoy",
    "surprised": "놀람 놀라 놀란 놀랐 깜짝 당황 충격 의아 궁금 혼란 황당 무서 공포 surpris shock gasp startl"
    " confus curious scared",
    "excited": "신남 신나 신난 신이 흥분 설렘 설레 설렌 두근 들뜬 들떠 환호 만세 폴짝 방방 excit thrill",
    "neutral": "중립 평온 차분 무표정 담담 평범 보통 진지 단호 안도 졸림 피곤 지루"
    " neutral calm serious bored tired sleepy relaxed",
}
NAMES = (
    "기쁨", "행복", "즐거움", "슬픔", "우울", "분노", "화남", "짜증", "놀람", "당황", "신남", "흥분", "설렘", "중립",
    "평온", "차분",
)  # fmt: skip
"""What a feeling is called in front of what is said with it: ``행복: 안녕!``."""
_STEMS = [(stem, feeling) for feeling, stems in _FEELINGS.items() for stem in stems.split()]


def feeling(text: str) -> str:
    """Return the feeling that a tag or a description names; empty if it names none."""
    lowered = text.lower()
    return next((feeling for stem, feeling in _STEMS if stem in lowered), "")
