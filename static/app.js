// Everything works without this file. It tells people when the network or the server is away, adds a few shortcuts, and warns before
// typed text is left unsaved. No state is kept in the browser.
(() => {
  const trouble = () => document.getElementById("trouble");

  const say = (kind) => {
    const place = trouble();
    if (!place) return;
    const line = document.createElement("p");
    line.className = "ds-alert";
    line.dataset.color = "danger";
    line.textContent = place.dataset[kind];
    place.replaceChildren(line);
  };

  document.addEventListener("htmx:error", () => say("offline"));
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail?.ctx?.response?.status ?? 0;
    if (status >= 500) say("fault");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const status = event.detail?.ctx?.response?.status ?? 0;
    if (status >= 200 && status < 500) trouble()?.replaceChildren();
  });

  // Leaving a form that has been typed in.
  const typed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[method=post]");
    if (form && !form.matches("[data-autosave], [role=search]")) typed.add(form);
  });
  document.addEventListener("submit", (event) => typed.delete(event.target));
  addEventListener("beforeunload", (event) => {
    if ([...typed].some((form) => form.isConnected)) event.preventDefault();
  });

  // Menus close when one clicks elsewhere or presses Escape.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeMenus(null);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) return event.target.form.requestSubmit();
    if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const search = document.getElementById("search");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  for (const control of document.querySelectorAll("[data-print]")) {
    control.hidden = false;
    control.addEventListener("click", () => window.print());
  }
})();
