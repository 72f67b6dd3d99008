// Calling control, and telling how it went.

let token = null;

let told = null;

// Tells the result of what was done, to eyes and to screen readers.
function tell(text, kind = "good") {
  clearTimeout(told);
  const result = $("result");
  result.dataset.kind = kind;
  result.textContent = visible(text);
  told = setTimeout(() => { result.textContent = ""; }, kind === "bad" ? 12_000 : 5000);
}

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
