// What the pages can do beyond what they are: search on the first page, older columns of the grid,
// and the arrow keys in it. Loads its data as scripts, so that it works from files as well.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && byId("search")) { event.preventDefault(); byId("search").focus(); }
  });

  const search = byId("search");
  if (search) {
    const rows = [...document.querySelectorAll("tr[data-search]")];
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => row.dataset.search.includes(word));
        if (!row.hidden) shown++;
      }
      byId("found").textContent = words.length ? shown + " of " + rows.length : "";
    };
    search.form.addEventListener("submit", (event) => event.preventDefault());
    search.addEventListener("input", filter);
    filter();
  }

  const grid = byId("grid");
  if (!grid) return;

  // One cell can be reached by Tab; the arrows move from there.
  const links = () => [...grid.querySelectorAll("tbody tr")].map((row) => [...row.cells].slice(2).map((cell) => cell.querySelector("a")));
  const rove = () => {
    const all = links().flat().filter(Boolean);
    all.forEach((link, i) => { link.tabIndex = i === 0 ? 0 : -1; });
    for (const link of grid.querySelectorAll("a[aria-label]")) link.title = link.getAttribute("aria-label");
  };
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    const table = links();
    let row = cell.parentNode.sectionRowIndex, column = cell.cellIndex - 2;
    for (;;) {
      row += step[0];
      column += step[1];
      const line = table[row];
      if (!line || column < 0 || column >= line.length) return;
      if (!line[column]) continue;
      event.target.tabIndex = -1;
      line[column].tabIndex = 0;
      line[column].focus();
      line[column].scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
  });
  rove();

  const marks = { P: ["✔", "passed", "green"], F: ["✖", "failed", "red"], W: ["▲", "warning", "yellow"], E: ["!", "error", "red"] };
  const width = Number(grid.dataset.columns);
  const chunks = grid.dataset.chunks ? grid.dataset.chunks.split(",").map(Number) : [];
  const loaded = new Map();
  let waiting = null;
  window.andonDocs = (data) => {
    if (data.key !== grid.dataset.key) return;
    loaded.set(data.chunk, data);
    if (waiting) waiting();
  };
  const load = (chunk) => new Promise((done, fail) => {
    if (loaded.has(chunk)) { done(); return; }
    waiting = done;
    const script = document.createElement("script");
    script.src = grid.dataset.src + chunk + ".js";
    script.addEventListener("error", fail);
    document.head.append(script);
  });

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  // The page of number 0, with another number.
  const page = (number) => grid.dataset.validation.replace(/0(\.html)?$/, number + "$1");

  const line = (values) => {
    const known = values.filter((v) => v !== null);
    if (known.length < 2) return "";
    const low = Math.min(...known), span = Math.max(...known) - low || 1;
    let path = "", drawing = false, x = 0, y = 0;
    values.forEach((value, i) => {
      if (value === null) { drawing = false; return; }
      x = 3 + 114 * i / Math.max(1, values.length - 1);
      y = 21 - (value - low) / span * 18;
      path += (drawing ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
      drawing = true;
    });
    const svg = (name, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    };
    const picture = svg("svg", { class: "spark", viewBox: "0 0 120 24", width: 120, height: 24, role: "img", "aria-label": low + " to " + Math.max(...known) + " over " + known.length + " validations" });
    picture.append(svg("path", { d: path }), svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.5 }));
    return picture;
  };

  // All loaded columns, oldest first, and the rows over them.
  const joined = () => {
    const columns = [], rows = new Map();
    for (const chunk of [...loaded.keys()].sort((a, b) => a - b)) {
      const data = loaded.get(chunk), offset = columns.length;
      columns.push(...data.columns);
      for (const [check, anchor, states, observed, percents] of data.rows) {
        if (!rows.has(check)) rows.set(check, { anchor, cells: [] });
        const cells = rows.get(check).cells;
        for (let i = 0; i < states.length; i++) cells[offset + i] = { state: states[i], observed: observed[i], percent: percents[i] };
      }
    }
    return { columns, rows };
  };

  let end = null;  // Of the shown window, in the joined columns, counted from the newest.
  const draw = () => {
    const { columns, rows } = joined();
    const last = columns.length - end, first = Math.max(0, last - width);
    const shown = columns.slice(first, last);
    const head = element("tr", {}, element("th", { scope: "col" }, "Check"), element("th", { scope: "col" }, "Trend"));
    for (const [number, time, , batch, version] of shown) {
      const heard = (text) => element("span", { class: "visually-hidden" }, text);
      const rest = version > 0 ? ", version " + version : "";
      const below = batch ? [element("br", {}), batch] : [];
      head.append(element("th", { scope: "col" }, element("a", { href: page(number), title: time + (batch ? ", " + batch : "") + rest },
        heard(time.slice(0, 5)), time.slice(5, 10), element("br", {}), time.slice(11, 16), ...below, heard(rest))));
    }
    const body = [];
    for (const [check, row] of rows) {
      const cells = [];
      for (let i = first; i < last; i++) cells.push(row.cells[i]);
      if (!cells.some((cell) => cell && cell.state !== " ")) continue;
      const usesPercent = cells.some((cell) => cell && cell.percent !== null);
      const made = element("tr", {}, element("th", { scope: "row" }, check), element("td", {}, line(cells.map((cell) => cell ? (usesPercent ? cell.percent : cell.observed) : null))));
      cells.forEach((cell, i) => {
        const mark = cell && marks[cell.state];
        if (!mark) { made.append(element("td", {}, element("span", { class: "dim" }, "·"))); return; }
        const value = cell.percent !== null ? ", " + cell.percent.toFixed(1) + " % unexpected" : cell.observed !== null ? ", observed " + cell.observed : "";
        const says = check + " " + shown[i][1] + ": " + mark[1] + value;
        made.append(element("td", {}, element("a", { class: "light " + mark[2], href: page(shown[i][0]) + "#" + row.anchor, "aria-label": says }, mark[0])));
      });
      body.push(made);
    }
    grid.tHead.replaceChildren(head);
    grid.tBodies[0].replaceChildren(...body);
    byId("grid-status").textContent = shown.length ? shown[0][1] + " to " + shown[shown.length - 1][1] : "";
    byId("newer").disabled = end === 0;
    byId("older").disabled = first === 0 && chunks.every((chunk) => loaded.has(chunk));
    rove();
  };

  let busy = false;
  const show = async (move) => {
    if (busy) return;
    busy = true;
    try {
      // The newest file may begin in the middle of the window: two of them hold a whole one.
      const missing = () => chunks.filter((chunk) => !loaded.has(chunk)).sort((a, b) => b - a)[0];
      while (missing() !== undefined && joined().columns.length < move + width) await load(missing());
      end = Math.max(0, Math.min(move, joined().columns.length - 1));
      draw();
    } catch {
      byId("grid-status").textContent = "The older data could not be loaded.";
    }
    busy = false;
  };
  byId("older").addEventListener("click", () => show((end ?? 0) + width));
  byId("newer").addEventListener("click", () => show(Math.max(0, (end ?? 0) - width)));
  byId("newer").disabled = true;
  byId("grid-buttons").hidden = chunks.length === 0 || grid.tHead.rows[0].cells.length - 2 < width;
})();
