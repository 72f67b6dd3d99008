// Vault time, the vaults, what the selected one has, and what happens next.

// Entries of a list that are shown at first.
const PAGE = 100;

const WHAT = {
  "job-done": "Job is done",
  "job-ends": "Job and its output end",
  "upload-expires": "Idle upload is dropped",
  "lock-expires": "Lock in progress expires",
  inventory: "Inventory is taken",
};

let selected = null;
let state = null;

function until(iso) {
  const left = Date.parse(iso) - Date.parse(state.now);
  return left <= 0 ? "now" : `in ${span(left)}`;
}

const sameVault = (a, b) => a && b && a.account === b.account && a.region === b.region && a.name === b.name;

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
