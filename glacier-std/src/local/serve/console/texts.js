"use strict";

// Texts for people. What came from somebody else is shown as it is, also what cannot be seen.

const $ = (id) => document.getElementById(id);

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
