// The node that is chosen: what it takes and gives, its name, and the same form as on the page of settings. Without a
// choice, all nodes.

import { byId, html } from "/shared/dom.js";
import { wrong } from "/shared/forms/checks.js";
import { button, keepingFocus, note } from "/shared/forms/elements.js";
import { drawField } from "/shared/forms/field.js";
import { allFields, edit, known, same } from "/shared/forms/known.js";
import { withHint } from "/shared/problems.js";
import { word } from "/shared/words.js";
import { called } from "../types.js";
import { at, choose, connectFrom } from "./chosen.js";
import { draft, take } from "./draft.js";
import { typing } from "./retype.js";
import { connecting, disconnecting, faults, fitting, freeName, inputsOf, outputsOf, unused } from "./wiring.js";

const open = new Set(); // nodes whose settings that are left as they come are shown
const mine = new Map(); // key of a field -> what is wrong with the value that was given, in words
let misnamed = { node: "", name: "", why: "" }; // a name that a node could not get
let drawn = () => {};

export const whenEdited = (draw) => (drawn = draw);

// What a person has begun meanwhile goes on.
export const join = async (one, other) => {
  const { node, end } = at;
  if ((await take({ edits: [connecting(one, other)] })) && at.end === end) choose({ node: node || one.node });
};

export const cut = async (wire) => {
  if ((await take({ edits: [disconnecting(wire)] })) && at.wire === wire.key) choose({});
};

/** Draw the sheet of the node, the connection or the list of all nodes. */
export function drawNode(host) {
  const node = draft.now.nodes?.find(({ name }) => name === at.node);
  const wire = draft.now.wires.find(({ key }) => key === at.wire);
  for (const key of mine.keys()) if (!allFields().some((field) => field.key === key)) forget(key);
  known.errors = new Map([...mine, ...problemsOfFields()]);
  const found = faults();
  keepingFocus(() => host.replaceChildren(...(!draft.now.nodes ? [html("p", { class: "hint" }, word("unreadable"))] : node ? ofNode(node, found) : wire ? ofWire(wire) : list(found)).filter(Boolean)));
  begin(host, `${at.node} ${at.wire}`);
}

let begun = " ";

// What is chosen now is read from its top; whoever chose it by a button that is gone has the focus at its title.
function begin(host, what) {
  if (what === begun) return;
  begun = what;
  host.scrollTop = 0;
  if (host.getBoundingClientRect().top < 0) host.scrollIntoView();
  if (document.activeElement === document.body) (byId("node-title") ?? host.querySelector(".pick"))?.focus({ preventScroll: true });
}

// What the program finds wrong with a setting is shown at its field, the rest above.
function problemsOfFields() {
  return draft.now.problems.filter(({ path }) => isField(path)).map((problem) => [`${problem.path[1]} ${problem.path[2]}`, withHint(problem)]);
}

const isField = ([top, node, name]) => top === "nodes" && name !== undefined && allFields().some(({ key }) => key === `${node} ${name}`);

function list(found) {
  const row = ({ name, type }) =>
    html("li", {}, html("button", { type: "button", class: "pick", id: `pick-${name}`, onclick: () => choose({ node: name }) }, html("b", {}, called(type) || name), html("code", {}, name), found.has(name) && html("span", { class: "count is-wrong" }, "!", html("span", { class: "unseen" }, word("faulty")))));
  return [html("p", { class: "hint" }, word("chooseNode")), problemList(found.get("") ?? []), html("ul", { class: "picks" }, draft.now.nodes.map(row))];
}

function problemList(problems) {
  return problems.length ? html("ul", { class: "faults" }, problems.map((problem) => html("li", {}, withHint(problem)))) : null;
}

function ofWire(wire) {
  const node = (name) => button("asLink", name, () => choose({ node: name }));
  return [
    html("h3", { id: "node-title", tabindex: -1 }, word("wire")),
    html("p", { class: "about" }, node(wire.source), `.${wire.output} → `, node(wire.target), `.${wire.input}`),
    wire.feedback && html("p", { class: "hint" }, word("feedback")),
    html("div", { class: "row" }, button("plain is-bad", word("cut"), () => cut(wire), { id: "cut" })),
  ];
}

function ofNode(node, found) {
  const { name, type } = node;
  const fields = allFields().filter((field) => field.node === name);
  const [set, rest] = [true, false].map((is) => fields.filter(({ key, spec, written }) => Boolean(written || spec.needed || known.errors.has(key) || known.pending.has(key)) === is));
  const problems = (found.get(name) ?? []).filter(({ path }) => !isField(path));
  const remember = ({ target }) => (target.open ? open.add(name) : open.delete(name));
  return [
    html("h3", { id: "node-title", tabindex: -1 }, called(type) || name, html("code", {}, type)),
    html("p", { class: "about" }, known.types.types[type]?.about),
    problemList(problems),
    naming(name),
    typing(node),
    html("div", { class: "row" }, button("plain", word("copyNode"), () => copy(name), { id: "copy-node" }), button("plain is-bad", word("removeNode"), () => remove(name), { id: "remove-node" })),
    ends(name, "in"),
    ends(name, "out"),
    html("h4", {}, word("settings")),
    set.length || rest.length ? null : html("p", { class: "hint" }, word("noSettings")),
    html("div", { class: "fields is-narrow" }, set.map((field) => drawField(field, ACTS))),
    rest.length > 0 && html("details", { open: open.has(name), ontoggle: remember }, html("summary", { id: "rest" }, word("defaults", { count: rest.length })), html("div", { class: "fields is-narrow" }, rest.map((field) => drawField(field, ACTS)))),
  ];
}

function naming(name) {
  const before = byId("node-name"); // what is being typed stays when the page is drawn again
  const value = before?.dataset.of === name ? before.value : name;
  const wrongName = misnamed.node === name && misnamed.name === value.trim() && misnamed.why;
  const input = html("input", { id: "node-name", "data-of": name, type: "text", value, maxlength: 64, spellcheck: "false", autocomplete: "off", "aria-describedby": "rename-hint", "aria-invalid": String(Boolean(wrongName)) });
  const give = async () => {
    const to = input.value.trim();
    if (to === name || !to) return;
    const refused = (why) => {
      misnamed = { node: name, name: to, why };
      drawn();
    };
    if (await take({ edits: [{ op: "rename", node: name, to }] }, refused)) choose({ node: to });
  };
  input.addEventListener("keydown", ({ key }) => key === "Enter" && give());
  return html("div", { class: "naming" }, html("label", { for: "node-name" }, word("nodeName")), input, button("plain", word("rename"), give, { id: "rename" }), html("p", { class: wrongName ? "hint is-wrong" : "hint", id: "rename-hint", role: "status" }, wrongName || word("renameHint")));
}

async function copy(name) {
  const to = freeName(name.replace(/\d+$/, ""));
  if (await take({ edits: [{ op: "copy_node", node: name, to }] })) choose({ node: to });
}

export async function remove(name) {
  const before = unused();
  if (!(await take({ edits: [{ op: "remove_node", node: name, refs: "disconnect" }] }))) return;
  choose({});
  const left = unused().filter((each) => !before.includes(each));
  if (left.length) note(word("nowUnused", { nodes: left.join(", ") }), { wrong: true });
}

// The ports of one side, each with what it is connected to, and the way to connect it.
function ends(node, side) {
  const ports = side === "in" ? inputsOf(node) : outputsOf(node);
  if (!ports.length) return null;
  return html("section", { class: "ends" }, html("h4", {}, word(side === "in" ? "takes" : "gives")), side === "out" && unused().includes(node) && html("p", { class: "hint" }, word("unused")), ports.map((port) => row(node, port, side)));
}

function row(node, port, side) {
  const here = draft.now.wires.filter((wire) => (side === "in" ? wire.target === node && wire.input === port.name : wire.source === node && wire.output === port.name));
  const end = { node, port: port.name, side };
  const held = at.end?.node === node && at.end.port === port.name && at.end.side === side;
  const id = `join-${side}-${port.name}`;
  const chip = (wire) => {
    const other = side === "in" ? `${wire.source}.${wire.output}` : `${wire.target}.${wire.input}`;
    return html("span", { class: "joined" }, button("asLink", other, () => choose({ node: side === "in" ? wire.source : wire.target })), button("cut", "×", () => cut(wire), { "aria-label": word("cutFrom", { other }) }));
  };
  const missing = side === "in" && !port.optional && !here.length;
  return html(
    "div",
    { class: `end${missing ? " is-missing" : ""}` },
    html("span", { class: "port-of" }, html("b", {}, port.name), html("code", {}, port.event), missing && html("span", { class: "needs" }, word("needs"))),
    html("span", { class: "joins" }, here.map(chip), button(held ? "plain is-held" : "plain", word(held ? "stopJoining" : "joinHere"), () => connectFrom(held ? null : end), { id, "aria-pressed": String(held), "aria-label": `${port.name}: ${word(held ? "stopJoining" : "joinHere")}` })),
    held && choices(end),
  );
}

// The same places that light up in the picture, for those who do not see it or use no mouse.
function choices(end) {
  const fits = fitting(end);
  if (!fits.length) return html("p", { class: "hint choices" }, word("nothingFits"));
  return html("div", { class: "choices", role: "group", "aria-label": word("fits", { count: fits.length }) }, fits.map((other) => button("chip", `${other.node}.${other.port}`, () => join(end, other), { id: `fit-${other.node}-${other.port}` })));
}

/** How many fields hold a value that cannot be, and so is not part of the draft. */
export const wrongFields = () => mine.size;

export function forgetTyped() {
  for (const key of [...known.pending.keys()]) forget(key);
}

function forget(key) {
  known.pending.delete(key);
  mine.delete(key);
}

// What is being typed stays when the page is drawn again; it counts when it is given.
const typed = (field, value) => known.pending.set(field.key, { field, value, was: field.written?.value });

async function write(field, value) {
  const fault = wrong(field.spec, value);
  forget(field.key);
  if (!fault) {
    const there = field.written && "value" in field.written ? field.written.value : undefined;
    return same(value, there) && (value === undefined) === (there === undefined) ? drawn() : take({ edits: [edit({ field, value })] }, (why) => refuse(field, value, why));
  }
  refuse(field, value, fault);
  return false;
}

// A value that cannot be is kept in its field, with the reason.
function refuse(field, value, why) {
  typed(field, value);
  mine.set(field.key, why);
  drawn();
}

const ACTS = { given: write, typed, unfold: write, write, reset: (field) => write(field, undefined), settle: () => {} };
