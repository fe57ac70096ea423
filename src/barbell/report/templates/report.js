"use strict";
(() => {
  const root = document.documentElement;
  const content = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();

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

  // Charts: drawn when they come near the screen, all of them before printing.
  function draw(box) {
    const name = box.dataset.chart;
    if (views.has(name)) return views.get(name);
    const spec = { ...content.charts[name], autosize: { type: "fit-x", contains: "padding" } };
    const axisY = { ...content.config.axisY, labelLimit: Math.max(120, Math.min(220, box.clientWidth / 2 + 20)) };
    const options = { config: { ...content.config, axisY }, renderer: "svg", actions: false, defaultStyle: false, hover: true, logLevel: 1, tooltip: say };
    const ready = vegaEmbed(box.firstElementChild, spec, options).then((made) => made.view);
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
