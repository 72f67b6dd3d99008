// The last requests, newest first.

const KEPT = 1000;

let entries = [];
let lastEntry = null;
let shown = PAGE;

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

$("errors").addEventListener("change", showRequests);
$("more").addEventListener("click", () => {
  shown += 2 * PAGE;
  showRequests();
});
