"use strict";
(() => {
  const root = document.documentElement;
  const content = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();

  // The drawing library and the table of numbers are carried packed.
  async function unpack(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }
  const library = unpack("vega").then((text) => document.head.append(Object.assign(document.createElement("script"), { textContent: text })));
  library.catch(() => { document.getElementById("old").hidden = false; });

  // Theme: the reader's system decides until the reader does.
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const button = document.getElementById("theme");
  const label = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", `Change to ${dark() ? "light" : "dark"} colours`); };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("barbell-theme", root.dataset.theme); } catch { /* a page without storage forgets */ }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();

  // Tooltips: title and value, line by line.
  const tip = document.getElementById("tip");
  function say(_handler, event, _item, value) {
    if (!value) { tip.classList.remove("shown"); return; }
    tip.replaceChildren(...Object.entries(value).map(([key, text]) => {
      const line = document.createElement("div");
      const name = document.createElement("span");
      name.textContent = `${key} `;
      line.append(name, String(text));
      return line;
    }));
    tip.classList.add("shown");
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8))}px`;
    tip.style.top = `${event.clientY + 18 + box.height > innerHeight ? event.clientY - box.height - 10 : event.clientY + 18}px`;
  }

  // Numbers that open: a title on hover and focus, the chain in a dialog. One tab stop a table, arrow keys inside.
  let nodes = [], texts = [];
  const opened = unpack("nodes").then((text) => { ({ nodes, texts } = JSON.parse(text)); });
  opened.catch(() => { /* told above: nothing opens in an old browser */ });
  const dialog = document.getElementById("chain"), back = document.getElementById("chain-back"), body = document.getElementById("chain-body");
  const path = [];
  const make = (tag, text, ...parts) => { const made = document.createElement(tag); if (text !== undefined) made.textContent = text; made.append(...parts); return made; };
  const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
  const small = (value) => value !== 0 && (Math.abs(value) >= 1e12 || Math.abs(value) < 1e-4);
  const figure = (value) => (typeof value === "number" ? (small(value) ? value.toPrecision(4) : plain.format(value)).replace("-", "\u2212") : value || "over time");
  const unit = (text) => (texts[text] === "1" ? "" : texts[text]);
  const readNode = (id) => {
    const [what, value, u, words, computed, inputs, more, where, text, address, fact] = nodes[id];
    return { what, value, unit: unit(u), words: texts[words], computed, inputs, more, where: texts[where], text, address, fact };
  };

  function facts(node) {
    const list = make("dl"), add = (name, ...parts) => { list.append(make("dt", name), make("dd", undefined, ...parts)); };
    if (node.where) add("In the case", node.text ? `${node.where} reads ${node.text}` : node.where);
    if (node.fact) {
      const [grade, low, high, day, source, url, against] = node.fact;
      if (low || high) add("Range", `${low || "?"} to ${high || "?"} ${node.unit}`);
      if (grade) add("Grade", `${grade} (${{ A: "primary", B: "cross-checked", C: "single secondary or estimate", D: "unverified", M: "own computation", S: "own assumption" }[grade]})`);
      if (day) add("Known since", day);
      add("Source", texts[source]);
      if (/^https?:/.test(url)) { const link = make("a", url); link.href = url; link.rel = "noreferrer"; add("Address", link); }
      if (against) add("Others say", against);
    }
    add("Name", make("code", node.address));
    return list;
  }

  function inputsOf(node) {
    const table = make("table"), rows = make("tbody");
    table.append(make("caption", node.computed ? "Inputs" : "Rests on"), make("thead", undefined, make("tr", undefined, make("th", "what"), make("th", "value"), make("th", "unit"))), rows);
    table.querySelectorAll("thead th").forEach((head, n) => { head.scope = "col"; if (n === 1) head.className = "n"; });
    for (const [name, times, id, value, u] of node.inputs) {
      const label = (times === -1 ? "\u2212 " : times !== 1 ? `${figure(times)} \u00d7 ` : "") + texts[name];
      const head = make("th"), amount = make("td", figure(value));
      head.scope = "row"; amount.className = "n";
      if (id >= 0) { const open = make("button", label); open.type = "button"; open.addEventListener("click", () => show(id)); head.append(open); } else head.textContent = label;
      rows.append(make("tr", undefined, head, amount, make("td", unit(u))));
    }
    if (node.more) {
      const head = make("th", `and ${node.more[0]} more${node.more[1] === null ? "" : ", together"}`), amount = make("td", node.more[1] === null ? "" : figure(node.more[1]));
      head.scope = "row"; amount.className = "n";
      rows.append(make("tr", undefined, head, amount, make("td", node.more[1] === null ? "" : node.unit)));
    }
    return table;
  }

  function draw_(id) {
    const node = readNode(id), title = document.getElementById("chain-what"), big = make("p", `${figure(node.value)} `, make("span", node.unit));
    title.textContent = node.what; big.className = "big";
    const how = node.words ? [make("p", node.computed ? `= ${node.words}` : node.words)] : [];
    how.forEach((line) => { line.className = "how"; });
    body.replaceChildren(big, ...how, ...(node.inputs.length ? [inputsOf(node)] : []), facts(node));
    back.hidden = path.length < 2;
    dialog.scrollTop = 0;
    title.focus();
  }
  async function show(id) { await opened; path.push(id); if (!dialog.open) dialog.showModal(); draw_(id); }
  back.addEventListener("click", () => { path.pop(); draw_(path[path.length - 1]); });
  document.getElementById("chain-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { path.length = 0; });

  const opener = (event) => event.target.closest?.("button.v");
  document.addEventListener("click", (event) => { const from = opener(event); if (from) show(Number(from.dataset.c)); });
  function hint(from) {
    if (!nodes.length) return;
    const node = readNode(Number(from.dataset.c)), box = from.getBoundingClientRect();
    const said = node.words ? { [node.what]: `${figure(node.value)} ${node.unit}`, [node.computed ? "=" : ""]: node.words } : { [node.what]: `${figure(node.value)} ${node.unit}` };
    say(null, { clientX: box.left, clientY: box.bottom - 12 }, null, said);
  }
  for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(on, (event) => { const from = opener(event); if (from && !dialog.open) hint(from); });
    document.addEventListener(off, (event) => { if (opener(event)) say(null, event, null, null); });
  }
  document.querySelectorAll("table").forEach((table) => {
    const all = [...table.querySelectorAll("button.v")];
    all.forEach((button, n) => { button.tabIndex = n ? -1 : 0; button.setAttribute("aria-haspopup", "dialog"); });
    table.addEventListener("keydown", (event) => {
      const from = opener(event), cell = from?.closest("td"), row = cell?.parentElement;
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!step) return;
      let to = null, r = row.rowIndex, c = cell.cellIndex;
      do { r += step[0]; c += step[1]; to = table.rows[r]?.cells[c]?.querySelector("button.v"); } while (!to && table.rows[r]?.cells[c]);
      if (!to) return;
      event.preventDefault();
      from.tabIndex = -1; to.tabIndex = 0; to.focus();
    });
  });

  // Charts: drawn when they come near the screen, all of them before printing.
  function draw(box) {
    const name = box.dataset.chart;
    if (views.has(name)) return views.get(name);
    const spec = { ...content.charts[name], autosize: { type: "fit-x", contains: "padding" } };
    const axisY = { ...content.config.axisY, labelLimit: Math.max(120, Math.min(220, box.clientWidth / 2 + 20)) };
    const options = { config: { ...content.config, axisY }, renderer: "svg", actions: false, defaultStyle: false, hover: true, logLevel: 1, tooltip: say };
    const ready = library.then(() => vegaEmbed(box.firstElementChild, spec, options)).then((made) => made.view);
    views.set(name, ready);
    return ready;
  }
  const boxes = [...document.querySelectorAll("div.chart")];
  const near = new IntersectionObserver((seen) => {
    for (const entry of seen) if (entry.isIntersecting) { near.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: "800px" });
  boxes.forEach((box) => near.observe(box));
  window.barbell = { drawn: () => Promise.all(boxes.map(draw)).then((all) => all.length) };
  addEventListener("beforeprint", () => boxes.forEach(draw));
  document.querySelectorAll("select[data-signal]").forEach((select) => select.addEventListener("change", async () => {
    const view = await draw(document.querySelector(`div.chart[data-chart="${select.dataset.chart}"]`));
    view.signal(select.dataset.signal, select.value).runAsync();
  }));

  // Tables as files: words as they stand, numbers as they are.
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  document.querySelectorAll("button.csv").forEach((button) => button.addEventListener("click", () => {
    const rows = [...document.getElementById(`figure-${button.dataset.csv}`).querySelectorAll("tr")];
    const lines = rows.map((row) => [...row.cells].map((cell) => quoted(cell.dataset.v ?? (cell.matches("td.n") ? "" : cell.textContent))).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
    link.download = `${button.dataset.csv}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }));
})();
