"use strict";

// All text comes in by textContent, as names, descriptions and messages are whatever somebody sent. Lists are changed where they differ and not
// made anew, so that focus, selection and scroll positions stay.

const POLL = 1000;
const MAX_WAIT = 30_000;
const PAGE = 100;
const KEPT = 1000;

const EXAMPLES = {
  "The second upload's reply is lost": [{ operation: "UploadArchive", nth: 2, fault: { kind: "lose-reply" } }],
  "5 % of all requests are throttled": [{ operation: "*", percent: 5, fault: { kind: "throttle" } }],
  "Every request takes 2 seconds longer": [{ operation: "*", fault: { kind: "delay", seconds: 2 } }],
  "An upload is cut after 64 KiB": [{ operation: "UploadArchive", nth: 1, fault: { kind: "cut-request", bytes: 65536 } }],
  "A download ends after 1 MiB": [{ operation: "GetJobOutput", nth: 1, fault: { kind: "cut-response", bytes: 1048576 } }],
  "A byte of a download is damaged": [{ operation: "GetJobOutput", nth: 1, fault: { kind: "corrupt", where: "body" } }],
  "The next connection is reset": [{ operation: "*", nth: 1, fault: { kind: "reset" } }],
  "Listing vaults fails once with 500": [{ operation: "ListVaults", nth: 1, fault: { kind: "error", status: 500, code: "ServiceUnavailableException" } }],
  "The next job fails": [{ operation: "InitiateJob", nth: 1, fault: { kind: "job-fails", message: "The archive could not be read" } }],
  "Credentials have expired": [{ operation: "*", fault: { kind: "expired-credentials" } }],
};

const WHAT = {
  "job-done": "Job is done",
  "job-ends": "Job and its output end",
  "upload-expires": "Idle upload is dropped",
  "lock-expires": "Lock in progress expires",
  inventory: "Inventory is taken",
};

let token = null;
let selected = null;
let state = null;
let entries = [];
let lastEntry = null;
let shown = PAGE;
let wait = POLL;
let timer = null;
let polling = false;
// Something was done while the last look was under way.
let isStale = false;
let locked = false;

const $ = (id) => document.getElementById(id);

// ---------------------------------------------------------------- texts

// Characters that are not seen, or that change the direction of what follows.
const UNSEEN = /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const visible = (text) => text.replace(UNSEEN, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

// Of a text in lines, their ends stay.
const visibleLines = (text) => text.split("\n").map(visible).join("\n");

const short = (id) => (id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-6)}` : id);

const date = (iso) => iso.slice(0, 19).replace("T", " ");

const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

function size(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  if (unit === 0) return plural(bytes, "byte", "bytes");
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function span(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let rest = seconds;
  const found = [];
  for (const [unit, length] of parts) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || found.length > 0) found.push(`${count.toLocaleString("en")} ${unit}`);
    if (found.length === 2) break;
  }
  return found.join(" ") || "0 s";
}

function until(iso) {
  const left = Date.parse(iso) - Date.parse(state.now);
  return left <= 0 ? "now" : `in ${span(left)}`;
}

// ---------------------------------------------------------------- elements

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "text") element.textContent = value;
    else if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

// The children of a list by their keys.
const listed = new WeakMap();

// Makes the children of `parent` those of `items`, in this order: one that stays is changed in place.
function sync(parent, items, keyOf, create, update) {
  const old = listed.get(parent) ?? new Map();
  const rows = new Map();
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    rows.set(key, old.get(key) ?? create(item));
  });
  for (const [key, row] of old) if (!rows.has(key)) row.remove();
  listed.set(parent, rows);
  let place = parent.firstElementChild;
  items.forEach((item, index) => {
    const row = rows.get(keyOf(item, index));
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
    update(row, item);
  });
}

function row(...cells) {
  const made = cells.map(([label, className], index) => {
    const cell = make("td", { role: "cell" }, make("div"));
    if (label) cell.dataset.label = label;
    if (className) cell.className = className;
    if (index === 0) cell.setAttribute("role", "rowheader");
    return cell;
  });
  return make("tr", { role: "row" }, ...made);
}

const cell = (tr, index) => tr.children[index].firstElementChild;

function showId(place, id) {
  if (!place.firstElementChild) {
    place.append(make("button", { type: "button", class: "id", on: { click: copy } }));
  }
  const button = place.firstElementChild;
  if (button.dataset.id === id) return;
  button.dataset.id = id;
  button.textContent = visible(short(id));
  button.title = `${visible(id)}\nClick to copy`;
  button.setAttribute("aria-label", `Copy the id ${visible(short(id))}`);
}

async function copy(event) {
  try {
    await navigator.clipboard.writeText(event.currentTarget.dataset.id);
    tell("The id is copied.");
  } catch {
    tell("The browser does not let this page copy: the whole id is shown when you point at it.", "bad");
  }
}

let told = null;

// Tells the result of what was done, to eyes and to screen readers.
function tell(text, kind = "good") {
  clearTimeout(told);
  const result = $("result");
  result.dataset.kind = kind;
  result.textContent = visible(text);
  told = setTimeout(() => { result.textContent = ""; }, kind === "bad" ? 12_000 : 5000);
}

// ---------------------------------------------------------------- control

// The server did not do what it was asked for: it said why, or was not there.
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, body) {
  const headers = token === null ? {} : { "x-glacier-control-token": token };
  const options = { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(20_000) };
  if (body !== undefined) Object.assign(options, { method: "POST", body });
  let response;
  let text;
  try {
    response = await fetch(`/_glacier/${path}`, options);
    text = await response.text();
  } catch {
    throw new Refused(null, "The server cannot be reached.");
  }
  let json = {};
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refused(response.status, `The server sent no JSON, with the status ${response.status}.`);
  }
  if (!response.ok) throw new Refused(response.status, json.message ?? `The server sent the status ${response.status}.`);
  return json;
}

// Does something that the user asked for, tells how it went, and looks at what came of it.
async function act(what, button) {
  if (button) button.setAttribute("aria-busy", "true");
  try {
    tell(await what());
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 403) askToken(error.message);
    else tell(error.message, "bad");
    return false;
  } finally {
    if (button) button.removeAttribute("aria-busy");
    poll();
  }
}

async function advance(seconds, button) {
  await act(async () => {
    const { now } = await call("advance", JSON.stringify({ seconds }));
    return `Vault time is now ${date(now)}.`;
  }, button);
}

const sameVault = (a, b) => a && b && a.account === b.account && a.region === b.region && a.name === b.name;

// ---------------------------------------------------------------- what is shown

function showState(next) {
  state = next;
  setText($("now"), date(state.now));
  setAttribute($("now"), "datetime", state.now);
  setText($("mode"), visible(state.mode));
  const isReal = state.mode === "real";
  $("advance").querySelector("fieldset").disabled = isReal;
  $("no-advance").hidden = !isReal;
  showList("found", state.found, (text) => text);
  showList("notifications", state.failedNotifications, ({ at, event, topic, error }) => `${date(at)} ${event} to ${topic}: ${error}`);
  showVaults();
  showDue(isReal);
}

function showList(id, items, textOf) {
  $(id).hidden = items.length === 0;
  sync($(`${id}-list`), items, (_, index) => index, () => make("li"), (li, item) => setText(li, visible(textOf(item))));
}

const more = (list, name, count) => (list.capped.includes(name) ? `the first ${count.toLocaleString("en")}` : count.toLocaleString("en"));

const atLeast = (name, count) => (state.capped.includes(name) ? `≥ ${count.toLocaleString("en")}` : count.toLocaleString("en"));

function showVaults() {
  const { vaults } = state;
  if (!vaults.some((vault) => sameVault(vault, selected))) selected = vaults[0] ?? null;
  setText($("vaults-count"), vaults.length ? more(state, "vaults", vaults.length) : "");
  $("no-vaults").hidden = vaults.length > 0;
  $("vaults-table").hidden = vaults.length === 0;
  const labels = [["", "whole"], ["Region", "place"], ["Account", "place"], ["Archives", "number"], ["Size", "number"], ["Inventory", "date"], ["Lock"], ["Jobs", "number"], ["Uploads", "number"]];
  sync($("vaults-list"), vaults, ({ account, region, name }) => `${account}/${region}/${name}`, (vault) => {
    const tr = row(...labels);
    const choose = () => {
      selected = vault;
      showVaults();
      poll();
    };
    cell(tr, 0).append(make("button", { type: "button", class: "name", text: visible(vault.name), on: { click: choose } }));
    return tr;
  }, (tr, vault) => {
    const isSelected = sameVault(vault, selected);
    setAttribute(tr, "data-selected", isSelected ? "" : null);
    setAttribute(cell(tr, 0).firstElementChild, "aria-pressed", String(isSelected));
    setText(cell(tr, 1), visible(vault.region));
    setText(cell(tr, 2), visible(vault.account));
    setText(cell(tr, 3), vault.archives.toLocaleString("en"));
    setText(cell(tr, 4), size(vault.bytes));
    setText(cell(tr, 5), vault.inventory ? date(vault.inventory) : "none yet");
    setText(cell(tr, 6), vault.lock === null ? "none" : vault.lock === "Locked" ? "locked" : "in progress");
    setText(cell(tr, 7), atLeast("jobs", vault.jobs));
    setText(cell(tr, 8), atLeast("uploads", vault.uploads));
  });
  $("vault").hidden = selected === null;
  if (selected) {
    setText($("vault-name"), visible(selected.name));
    setText($("vault-place"), visible(`${selected.region} · ${selected.account}`));
  }
}

// A description, or that there is none.
function showDescription(place, text) {
  setText(place, text ? visible(text) : "no description");
  place.className = text ? "" : "quiet";
}

function showContents(contents) {
  const describe = (name, list) => setText($(`${name}-count`), list.length ? more(contents, name, list.length) : "none");
  for (const name of ["jobs", "uploads", "archives"]) {
    describe(name, contents[name]);
    $(`${name}-list`).parentElement.hidden = contents[name].length === 0;
  }
  const key = ({ id }) => id;
  const newestFirst = [...contents.jobs].reverse();
  sync($("jobs-list"), newestFirst, key, () => {
    const tr = row(["", "whole"], ["Id"], ["Status"], ["Initiated", "date"], ["Due", "date"]);
    cell(tr, 0).append(make("span"), make("small"));
    cell(tr, 2).append(make("span", { class: "status" }), make("small"));
    cell(tr, 4).append(make("span"), make("small"));
    return tr;
  }, (tr, job) => {
    const kind = job.action === "ArchiveRetrieval" ? "Archive retrieval" : "Inventory";
    setText(cell(tr, 0).children[0], job.tier ? `${kind}, ${job.tier}` : kind);
    setText(cell(tr, 0).children[1], visible(job.description ?? ""));
    showId(cell(tr, 1), job.id);
    const [status, message] = cell(tr, 2).children;
    setText(status, job.status === "InProgress" ? "in progress" : job.status.toLowerCase());
    status.className = `status ${job.status === "Succeeded" ? "good" : job.status === "Failed" ? "bad" : ""}`;
    setText(message, visible(job.message ?? ""));
    setText(cell(tr, 3), date(job.created));
    setText(cell(tr, 4).children[0], job.due ? `${job.completed ? "ends" : "done"} ${until(job.due)}` : "later");
    setText(cell(tr, 4).children[1], job.due ? date(job.due) : "");
  });
  sync($("uploads-list"), contents.uploads, key, () => {
    const tr = row(["", "whole"], ["Id"], ["Part size", "number"], ["Began", "date"], ["Dropped", "date"]);
    cell(tr, 4).append(make("span"), make("small"));
    return tr;
  }, (tr, upload) => {
    showDescription(cell(tr, 0), upload.description);
    showId(cell(tr, 1), upload.id);
    setText(cell(tr, 2), size(upload.partSize));
    setText(cell(tr, 3), date(upload.created));
    setText(cell(tr, 4).children[0], until(upload.due));
    setText(cell(tr, 4).children[1], date(upload.due));
  });
  sync($("archives-list"), contents.archives, key, () => row(["", "whole"], ["Id"], ["Size", "number"], ["Created", "date"]), (tr, archive) => {
    showDescription(cell(tr, 0), archive.description);
    showId(cell(tr, 1), archive.id);
    setText(cell(tr, 2), size(archive.size));
    setText(cell(tr, 3), date(archive.created));
  });
}

function showDue(isReal) {
  const { due } = state;
  setText($("due-count"), due.length ? more(state, "due", due.length) : "");
  $("no-due").hidden = due.length > 0;
  $("next").hidden = due.length === 0 || isReal;
  const key = ({ at, what, vault, id }, index) => `${what} ${vault} ${id ?? index} ${at}`;
  sync($("due-list"), due.slice(0, PAGE), key, () => make("li", {}, make("span"), make("span"), make("small"), make("small")), (li, event) => {
    const [what, when, where, at] = li.children;
    setText(what, WHAT[event.what] ?? visible(event.what));
    setText(when, until(event.at));
    setText(where, visible(event.id === null ? event.vault : `${event.vault} · ${short(event.id)}`));
    setText(at, date(event.at));
  });
}

function describeRule({ operation, vault, nth, times, percent, fault }) {
  const { kind, ...values } = fault;
  const which = [operation === "*" ? "any operation" : operation];
  if (vault !== undefined) which.push(`in ${vault}`);
  if (nth !== undefined) which.push(times > 1 ? `matches ${nth} to ${nth + times - 1}` : `match ${nth}`);
  else if (times !== undefined) which.push(`the first ${times}`);
  if (percent !== undefined) which.push(`${percent} %`);
  const detail = Object.entries(values).map(([name, value]) => `${name} ${value}`).join(", ");
  return { what: detail ? `${kind} (${detail})` : kind, which: which.join(", ") };
}

function showFaults({ rules, seed }) {
  setText($("faults-count"), rules.length ? plural(rules.length, "rule", "rules") : "");
  $("no-faults").hidden = rules.length > 0;
  sync($("faults-list"), rules, (_, index) => index, () => make("li", {}, make("span"), make("span"), make("small"), make("small")), (li, rule) => {
    const { what, which } = describeRule(rule);
    setText(li.children[0], visible(what));
    setText(li.children[1], plural(rule.hits, "hit", "hits"));
    setText(li.children[2], visible(which));
  });
  // The script in force is there to be changed; what is being written is left alone.
  const script = $("script");
  if (!script.dataset.touched) {
    const text = rules.length ? scriptOf(rules.map(({ hits, ...rule }) => rule), seed) : "";
    if (script.value !== text) script.value = text;
  }
}

const scriptOf = (rules, seed) =>
  `{\n  "seed": ${seed},\n  "rules": [\n${rules.map((rule) => `    ${JSON.stringify(rule).replace(/([:,])(?=["{\d])/g, "$1 ")}`).join(",\n")}\n  ]\n}`;

const isError = ({ status }) => status === null || status >= 400;

function showRequests() {
  const onlyErrors = $("errors").checked;
  const found = (onlyErrors ? entries.filter(isError) : entries).toReversed();
  const errors = entries.filter(isError).length;
  setText($("requests-count"), entries.length ? `${entries.length.toLocaleString("en")}, ${plural(errors, "error", "errors")}` : "");
  $("no-requests").hidden = found.length > 0;
  setText($("no-requests"), entries.length ? "No request was answered with an error." : "No request has come yet.");
  $("requests-table").hidden = found.length === 0;
  $("more").hidden = found.length <= shown;
  const labels = [["", "date"], [], [], ["", "whole"], ["By"], ["", "whole"]];
  sync($("requests-list"), found.slice(0, shown), ({ requestId }) => requestId, (entry) => {
    const tr = row(...labels);
    fillRequest(tr, entry);
    return tr;
  }, () => {});
}

// A request does not change once it is listed.
function fillRequest(tr, entry) {
  cell(tr, 0).textContent = date(entry.at);
  cell(tr, 0).title = visible(`${entry.at}, request ${entry.requestId}`);
  const kind = isError(entry) ? "bad" : "good";
  cell(tr, 1).append(make("span", { class: `status ${kind}`, text: entry.status === null ? "none" : String(entry.status) }));
  cell(tr, 2).textContent = visible(entry.operation ?? "unknown");
  cell(tr, 3).textContent = visible([entry.method, entry.path].filter((part) => part !== null).join(" ") || "unreadable");
  cell(tr, 4).textContent = visible(entry.principal?.replace(/^arn:[^:]*:(iam|sts)::/, "") ?? "not known");
  cell(tr, 4).title = visible(entry.principal ?? "The signature is not verified.");
  const message = cell(tr, 5);
  if (entry.code !== null) message.append(make("strong", { text: visible(entry.code) }), " ");
  if (entry.message !== null) message.append(make("bdi", { text: visible(entry.message) }));
  if (entry.why !== null) {
    message.append(make("details", {}, make("summary", { text: "Why the signature failed" }), make("pre", { text: visibleLines(entry.why) })));
  }
  if (message.childNodes.length === 0) tr.children[5].classList.add("blank");
}

// ---------------------------------------------------------------- asking again and again

async function poll() {
  clearTimeout(timer);
  if (locked || document.hidden) return;
  if (polling) {
    isStale = true;
    return;
  }
  polling = true;
  isStale = false;
  try {
    const [next, log, faults] = await Promise.all([
      call("state"),
      call(lastEntry === null ? "log" : `log?after=${encodeURIComponent(lastEntry)}`),
      call("faults"),
    ]);
    showState(next);
    showFaults(faults);
    // After a reset, or when much has happened, the log begins anew.
    entries = (log.after === null ? log.requests : [...entries, ...log.requests]).slice(-KEPT);
    lastEntry = entries.at(-1)?.requestId ?? null;
    showRequests();
    await showSelected();
    wait = POLL;
    showLink("live", "live");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 403) {
      askToken(error.message);
    } else {
      wait = Math.min(wait * 2, MAX_WAIT);
      showLink("lost", `${visible(error.message)} Trying again within ${Math.round(wait / 1000)} s.`);
    }
  } finally {
    polling = false;
    if (!locked) timer = setTimeout(poll, isStale ? 0 : wait);
  }
}

async function showSelected() {
  const vault = selected;
  if (!vault) return;
  try {
    const contents = await call(`vault?${new URLSearchParams({ account: vault.account, region: vault.region, name: vault.name })}`);
    if (sameVault(vault, selected)) showContents(contents);
  } catch (error) {
    // It may be gone since the state was read.
    if (error.status !== 404) throw error;
  }
}

function showLink(kind, text) {
  const link = $("link");
  if (link.dataset.state !== kind) link.dataset.state = kind;
  setText($("link-text"), text);
  $("retry").hidden = kind !== "lost";
  $("unlock").hidden = kind !== "locked";
}

// ---------------------------------------------------------------- dialogs

function askToken(why) {
  locked = true;
  clearTimeout(timer);
  showLink("locked", "locked");
  setText($("token-why"), visible(why));
  if (!$("token-dialog").open) $("token-dialog").showModal();
  $("token").value = "";
  $("token").focus();
}

$("token-dialog").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value;
  $("token").value = "";
  locked = false;
  $("token-dialog").close();
  showLink("wait", "connecting");
  poll();
});
$("token-no").addEventListener("click", () => $("token-dialog").close());
$("unlock").addEventListener("click", () => askToken("Enter the token to see the vaults."));

$("reset").addEventListener("click", () => $("reset-dialog").showModal());
$("reset-no").addEventListener("click", () => $("reset-dialog").close());
$("reset-dialog").addEventListener("submit", (event) => {
  event.preventDefault();
  $("reset-dialog").close();
  act(async () => {
    await call("reset", "{}");
    delete $("script").dataset.touched;
    return "Everything is removed. Vault time goes on.";
  }, $("reset"));
});

// ---------------------------------------------------------------- buttons

for (const button of document.querySelectorAll("[data-seconds]")) {
  button.addEventListener("click", () => advance(Number(button.dataset.seconds), button));
}
$("advance").addEventListener("submit", (event) => {
  event.preventDefault();
  advance(Math.round(Number($("amount").value) * Number($("unit").value)), event.submitter);
});
$("next").addEventListener("click", () => {
  const left = Date.parse(state.due[0].at) - Date.parse(state.now);
  advance(Math.max(0, Math.ceil(left / 1000)), $("next"));
});
$("inventory").addEventListener("click", () => {
  const { account, region, name } = selected;
  act(async () => {
    const { archives, bytes } = await call("inventory", JSON.stringify({ vault: name, account, region }));
    return `The inventory of ${name} has ${plural(archives, "archive", "archives")}, ${size(bytes)}.`;
  }, $("inventory"));
});

for (const name of Object.keys(EXAMPLES)) $("example").append(make("option", { value: name, text: name }));
$("example").addEventListener("change", () => {
  const rules = EXAMPLES[$("example").value];
  $("example").value = "";
  if (!rules) return;
  $("script").value = scriptOf(rules, 7);
  $("script").dataset.touched = "yes";
  setText($("script-error"), "");
});
$("script").addEventListener("input", () => {
  $("script").dataset.touched = "yes";
  setText($("script-error"), "");
});

async function setFaults(script, button) {
  setText($("script-error"), "");
  await act(async () => {
    try {
      const { rules } = await call("faults", script);
      delete $("script").dataset.touched;
      return rules === 0 ? "All faults are taken away." : `${plural(rules, "rule is", "rules are")} in force.`;
    } catch (error) {
      if (error.status === 400) setText($("script-error"), visible(error.message));
      throw error;
    }
  }, button);
}
$("script-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setFaults($("script").value, event.submitter);
});
$("clear").addEventListener("click", () => setFaults('{"rules": []}', $("clear")));

$("errors").addEventListener("change", showRequests);
$("more").addEventListener("click", () => {
  shown += 2 * PAGE;
  showRequests();
});
$("retry").addEventListener("click", () => {
  wait = POLL;
  poll();
});
document.addEventListener("visibilitychange", poll);

setText($("endpoint"), location.origin);
poll();
