"use strict";
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const tabs = all("[role=tab]");
  const panels = all("[role=tabpanel]");

  // Tabs: the address's fragment says which part is shown, so every link on the page works by itself.
  function show(panel, focus) {
    for (const tab of tabs) {
      const chosen = tab.hash === "#" + panel.id;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen && focus) tab.focus();
    }
    for (const other of panels) other.hidden = other !== panel;
  }

  function follow() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const panel = target.closest("[role=tabpanel]");
    if (!panel) return;
    show(panel, false);
    const fold = target.closest("tbody.fold");
    if (fold) setFold(fold, true);
    if (target === panel) return;
    const row = target.closest("tr");
    if (row && row.hidden) clearFilters(panel);
    all(".target").forEach((old) => old.classList.remove("target"));
    (row || target).classList.add("target");
    target.scrollIntoView({ block: "center" });
    if (row && row.tabIndex === -1 && row.hasAttribute("tabindex")) row.focus({ preventScroll: true });
  }

  for (const panel of panels) {
    const tab = tabs.find((one) => one.hash === "#" + panel.id);
    if (tab) {
      tab.id = "tab-" + panel.id;
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("aria-labelledby", tab.id);
    }
  }
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", tab.hash);
      show(document.getElementById(tab.hash.slice(1)), false);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) show(document.getElementById(tabs[(index + step + tabs.length) % tabs.length].hash.slice(1)), true);
      if (event.key === " ") { event.preventDefault(); tab.click(); }
    });
  });

  // Sorting: by the value that the cell carries, else by its text; the same heading again turns the order round.
  const text = new Intl.Collator("en", { numeric: true });
  const value = (row, column, kind) =>
    kind === "text" ? row.cells[column].textContent.trim() : Number(row.cells[column].dataset.value);
  for (const button of all("button.sort")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const body = head.closest("table").tBodies[0];
      const kind = button.dataset.kind;
      // Numbers start with the largest, where the trouble is; the running number and text start with the first.
      const first = kind === "text" || head.cellIndex === 0 ? "ascending" : "descending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      const sign = order === "ascending" ? 1 : -1;
      all("th[aria-sort]", head.parentNode).forEach((one) => one.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", order);
      const compare = kind === "text" ? text.compare : (a, b) => (a === b ? 0 : a < b ? -1 : 1);
      body.append(...[...body.rows]
        .map((row) => [value(row, head.cellIndex, kind), row])
        .sort((a, b) => sign * compare(a[0], b[0]))
        .map((pair) => pair[1]));
    });
  }

  // Filters: a search box, a box that hides one state, a choice of one column's value.
  function filter(bar) {
    const rows = [...document.getElementById(bar.dataset.table).tBodies[0].rows];
    const words = (bar.querySelector("[type=search]")?.value || "").toLowerCase().split(/\s+/).filter(Boolean);
    const hide = bar.querySelector("[data-hide]:checked")?.dataset.hide;
    const choice = bar.querySelector("[data-column]");
    let shown = 0;
    for (const row of rows) {
      const content = words.length ? row.textContent.toLowerCase() : "";
      row.hidden = (hide && row.dataset.state === hide)
        || (choice && choice.value && row.dataset[choice.dataset.column] !== choice.value)
        || !words.every((word) => content.includes(word));
      shown += !row.hidden;
    }
    bar.querySelector("output").textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
  }
  function clearFilters(root) {
    for (const bar of all(".filters[data-table]", root)) {
      all("input, select", bar).forEach((one) => { one.checked = false; if (one.type !== "checkbox") one.value = ""; });
      filter(bar);
    }
  }
  for (const bar of all(".filters[data-table]")) {
    for (const kind of ["input", "change"]) bar.addEventListener(kind, () => filter(bar));
  }

  // Folded code.
  function setFold(fold, open) {
    fold.classList.toggle("open", open);
    const button = document.querySelector(`[aria-controls="${fold.id}"]`);
    button.setAttribute("aria-expanded", open);
  }
  for (const button of all(".opener button")) {
    const fold = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", () => setFold(fold, !fold.classList.contains("open")));
  }
  const unfold = document.getElementById("unfold");
  unfold?.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", open);
    all("tbody.fold").forEach((fold) => setFold(fold, open));
  });
  if (unfold && !all("tbody.fold").length) unfold.hidden = true;

  // From change to change: each run of changed rows counts once.
  const differs = (row) => Boolean(row) && /\b(changed|added|removed)\b/.test(row.className);
  document.getElementById("next-change")?.addEventListener("click", () => {
    const starts = all(".sides tr").filter((row) => differs(row) && !differs(row.previousElementSibling));
    const now = all(".sides tr.target")[0];
    const after = (row) => !now || now.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = starts.find(after) || starts[0];
    if (!next) return;
    all(".target").forEach((old) => old.classList.remove("target"));
    next.classList.add("target");
    next.scrollIntoView({ block: "center" });
  });
  document.getElementById("file-choice")?.addEventListener("change", (event) => {
    document.getElementById(event.target.value).scrollIntoView();
  });

  const copy = document.getElementById("copy");
  copy?.addEventListener("click", () => {
    const command = document.getElementById("command");
    getSelection().selectAllChildren(command);
    document.execCommand("copy");
    copy.textContent = "Copied";
  });

  if (panels.length) show(panels[0], false);
  addEventListener("hashchange", follow);
  // Links are followed here and now: the same one leads there a second time, and no scroll goes before the tab opens.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    const hash = link && (link.getAttribute("href") || link.getAttribute("xlink:href"));
    if (!hash || !hash.startsWith("#") || link.getAttribute("role") === "tab") return;
    event.preventDefault();
    if (hash !== location.hash) history.pushState(null, "", hash);
    follow();
  });
  follow();
});
