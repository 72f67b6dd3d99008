// Elements of the page. All text comes in by textContent, as names, descriptions and messages are whatever somebody sent. Lists are changed where
// they differ and not made anew, so that focus, selection and scroll positions stay.

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
