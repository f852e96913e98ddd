// What a preview shows as long as nothing is on air: a little chat, a donation, an answer, a caption and the line of the show.

/** What the server said, with the sample in it if it has no lines and no answers; `word` are the words of the page. */
export function withSample(hello, word) {
  if (hello.lines.length || hello.answers.length) return hello;
  const { now: ts } = hello;
  const line = (id, more) => ({ id, kind: "chat", role: "viewer", processed: false, ts, message: "", ...more });
  const to = [{ id: "sample-2", user: word("sampleViewer2") }];
  const lines = [
    line("sample-1", { user: word("sampleViewer1"), message: word("sampleChat1") }),
    line("sample-2", { user: word("sampleViewer2"), message: word("sampleChat2"), processed: true }),
    line("sample-3", { user: word("sampleViewer3"), kind: "donation", amount: 5000, message: word("sampleDonation") }),
  ];
  const text = word("sampleAnswer");
  const answers = [{ id: "sample", ts, to, emotion: "happy", sentences: [{ text }] }];
  const show = { title: word("sampleTitle"), category: word("sampleCategory"), live_since: ts - 5400, live_seen_begin: true, followers: 1234, new_followers: 2, goal: 0 };
  return { ...hello, sampled: true, show: hello.show ?? show, lines, answers, caption: hello.caption ?? { turn: "sample", sentence: 0, text, fraction: 0.5, ended: false } };
}
