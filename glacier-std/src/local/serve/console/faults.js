// The faults in force, and the script for others.

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

// A line for each rule.
function scriptOf(rules, seed) {
  const lines = rules.map((rule) => `    ${JSON.stringify(rule, null, 1).replace(/\n */g, " ")}`);
  return `{\n  "seed": ${seed},\n  "rules": [\n${lines.join(",\n")}\n  ]\n}`;
}

for (const name of Object.keys(EXAMPLES)) $("example").append(make("option", { value: name, text: name }));
$("example").addEventListener("change", () => {
  const rules = EXAMPLES[$("example").value];
  $("example").value = "";
  if (!rules) return;
  $("script").value = scriptOf(rules, 7);
  $("script").dataset.touched = "yes";
  showMistake("");
});
$("script").addEventListener("input", () => {
  $("script").dataset.touched = "yes";
  showMistake("");
});

// A mistake in the script is told below it, where it can be read while it is mended.
function showMistake(text) {
  setText($("script-error"), visible(text));
  setAttribute($("script"), "aria-invalid", text ? "true" : null);
}

async function setFaults(script, button) {
  showMistake("");
  await act(async () => {
    try {
      const { rules } = await call("faults", script);
      delete $("script").dataset.touched;
      return rules === 0 ? "All faults are taken away." : `${plural(rules, "rule is", "rules are")} in force.`;
    } catch (error) {
      if (error.status !== 400) throw error;
      showMistake(error.message);
      return "";
    }
  }, button);
}
$("script-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setFaults($("script").value, event.submitter);
});
$("clear").addEventListener("click", () => setFaults('{"rules": []}', $("clear")));
