// Asking again and again, and the dialogs.

const POLL = 1000;
const MAX_WAIT = 30_000;

let wait = POLL;
let timer = null;
let polling = false;
// Something was done while the last look was under way.
let isStale = false;
let locked = false;

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

$("retry").addEventListener("click", () => {
  wait = POLL;
  poll();
});
document.addEventListener("visibilitychange", poll);

setText($("endpoint"), location.origin);
poll();
