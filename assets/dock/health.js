// How the running graph is: the nodes that are not well, the problems of its file, the way back.

import { html, say } from "/shared/dom.js";
import { problemLine } from "/shared/problems.js";
import { among, word } from "/shared/words.js";
import { onAir, showChange } from "./changing.js";
import { fill, part } from "./elements.js";
import { known } from "./known.js";
import { post } from "./orders.js";

const WELL = ["running", "completed", "draining"];

export function showHealth() {
  if (known.graph) showNodes(known.graph);
  const { reload } = known;
  const problems = reload?.problems ?? [];
  part.problems.hidden = !problems.length;
  fill(part.problems, problems, (problem) => [html("li", {}, problemLine(problem))]);
  part.undo.hidden = !reload?.undo;
  const back = reload?.undo_file && reload.undo_file !== reload.file ? reload.undo_file.replace(/^.*\//, "") : "";
  say(part.undo, back ? word("undoFile", { file: back }) : word("undo"));
  showChange();
}

function showNodes(graph) {
  say(part.graph, onAir());
  const ill = graph.nodes.filter((node) => !WELL.includes(node.state) || node.errors);
  part.ill.hidden = !ill.length;
  say(part.ill, String(ill.length));
  fill(part.nodes, ill.length ? ill : [null], (node) => (node ? [sick(node)] : [html("li", { class: "hint" }, word("fine"))]));
}

function sick(node) {
  const told = [among("states", node.state)];
  if (node.errors) told.push(`${word("errors")} ${node.errors}`);
  if (node.restarts) told.push(`${word("restarts")} ${node.restarts}`);
  const item = html("li", { class: `node is-${node.state}` }, html("b", {}, node.name), html("span", {}, told.join(" · ")));
  if (node.last_error) item.append(html("small", {}, node.last_error));
  return item;
}

part.undo.addEventListener("click", () => post("/api/reload", { undo: true }, word("undone")));
