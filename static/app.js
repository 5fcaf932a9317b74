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
  const notSent = (event) => {
    const form = event.target.closest?.("form[method=post]:not([data-autosave])");
    if (form) typed.add(form);
  };
  document.addEventListener("htmx:error", notSent);
  document.addEventListener("htmx:response:error", notSent);
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

  // A calendar beside a date that can also be typed. The native picker does the work; the text field is what is sent.
  const addPicker = (field) => {
    const day = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1, ariaHidden: "true", className: "picker-day" });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "picker" });
    button.setAttribute("aria-label", field.dataset.picker);
    button.innerHTML = '<svg class="icon" aria-hidden="true"><use href="/static/vendor/icons-1.62.0.svg#calendar"></use></svg>';
    const box = Object.assign(document.createElement("span"), { className: "with-picker" });
    field.replaceWith(box);
    box.append(field, button, day);
    button.addEventListener("click", () => day.showPicker());
    day.addEventListener("change", () => {
      field.value = day.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  };
  const addPickers = (root) => {
    for (const field of root.querySelectorAll("input[data-picker]:not(.with-picker > input)")) addPicker(field);
  };
  addPickers(document);
  document.addEventListener("htmx:after:swap", () => addPickers(document));

  for (const control of document.querySelectorAll("[data-print]")) {
    control.hidden = false;
    control.addEventListener("click", () => window.print());
  }
})();
