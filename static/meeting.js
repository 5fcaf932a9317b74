// The meeting's page works without this file. With it: the page says when something typed is not saved yet, tries again by itself when the
// network was away, and lets a save that is under way finish although one has gone on to another page.
(() => {
  const notes = document.getElementById("notes");
  const bar = document.querySelector(".bar");
  if (!notes || !bar) return;
  if (!location.search) history.replaceState(null, "", `?item=${notes.dataset.item}${location.hash}`); // Back leads to this very item

  const text = () => JSON.stringify([notes.elements.decisions.value, notes.elements.notes.value]);
  let kept = text(); // what the server has
  let sent = kept;
  let timer = 0;

  const show = (state) => {
    if (state) bar.dataset.state = state;
    else delete bar.dataset.state;
  };
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => text() !== kept && notes.dispatchEvent(new Event("change", { bubbles: true })), 5000);
  };

  notes.addEventListener("input", () => show(text() === kept ? "" : ["kept", "out"].includes(bar.dataset.state) ? bar.dataset.state : "unsaved"));
  notes.addEventListener("htmx:before:request", (event) => {
    const body = event.detail.ctx.request.body; // what was typed when the save was asked for, which may be less than by now
    sent = JSON.stringify([body.get("decisions"), body.get("notes")]);
    event.detail.ctx.request.keepalive = sent.length < 30000; // browsers refuse more than 64 kB
  });
  notes.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault(); // leaving for the sign-in page would take the text along
    show("out");
    again();
  });
  notes.addEventListener("htmx:after:request", (event) => {
    const status = event.detail.ctx.response.status;
    if (status < 300) kept = sent;
    if (status >= 500) {
      show("kept");
      again();
    } else show(text() === kept ? "" : "unsaved");
  });
  notes.addEventListener("htmx:error", () => {
    show("kept");
    again();
  });
  addEventListener("online", again);
  addEventListener("beforeunload", (event) => {
    if (text() === kept) return;
    if (["kept", "out"].includes(bar.dataset.state) || bar.querySelector("[role=alert]")) event.preventDefault();
    else if (text() !== sent) notes.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Enter adds the action also from a list, which some browsers do not do by themselves.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "SELECT" || !event.target.closest(".quick")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
})();
