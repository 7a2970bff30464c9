"use strict";
// Sorting and filtering of tables: the page can be read without.

const NUMBER = /^[-−+]?\d[\d,]*(\.\d+)?(e[-+]?\d{1,3}(?!\w))?/i;
const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

function value(row, column) {
  const text = row.cells[column].textContent.trim();
  const found = text.match(NUMBER);
  const number = found ? Number(found[0].replaceAll(",", "").replace("−", "-")) : NaN;
  return { text, number };
}

// Numbers by size and before words; equal or no numbers as text, so that 9-10 is before 10-1.
function compare(a, b) {
  if (!Number.isNaN(a.number) && !Number.isNaN(b.number) && a.number !== b.number) {
    return a.number - b.number;
  }
  return Number.isNaN(a.number) - Number.isNaN(b.number)
    || a.text.localeCompare(b.text, "en", { numeric: true });
}

// Empty cells come last either way.
function sorted(rows, column, direction) {
  if (direction === "none") return rows;
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: value(row, column) }));
  keyed.sort(({ key: a }, { key: b }) => !a.text - !b.text || sign * compare(a, b));
  return keyed.map(({ row }) => row);
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const direction = NEXT[head.getAttribute("aria-sort")];
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", direction);
      table.tBodies[0].append(...sorted(rows, column, direction));
    });
  });
}

function labelled(text, control) {
  const label = document.createElement("label");
  label.append(text, control);
  return label;
}

function makeFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const column = [...table.tHead.rows[0].cells].findIndex((head) => head.textContent === "verdict");
  const verdict = (row) => row.cells[column]?.textContent.match(/^\w*/)[0] ?? "";
  const words = document.createElement("input");
  const kind = document.createElement("select");
  const shown = document.createElement("output");
  words.type = "search";
  kind.append(new Option("all", ""), ...[...new Set(rows.map(verdict))].sort().map((v) => new Option(v)));
  const update = () => {
    rows.forEach((row) => {
      const fits = row.textContent.toLowerCase().includes(words.value.trim().toLowerCase());
      row.hidden = !fits || (kind.value !== "" && verdict(row) !== kind.value);
    });
    shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(labelled("Words", words), labelled("Verdict", kind), shown);
  bar.addEventListener("input", update);
  table.parentElement.before(bar);
  update();
}

document.querySelectorAll("table.ledger").forEach(makeFilter);
document.querySelectorAll("table.sortable").forEach(makeSortable);
