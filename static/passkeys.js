// Passkeys: asks the server for a challenge, the device for an answer, and sends the answer with the form. Without this file, or where
// the browser has no passkeys, the buttons stay hidden and password and code work as before.
(() => {
  const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;
  if (!able) return;

  const ask = async (place) => {
    const answer = await fetch(place.dataset.options, { method: "POST", headers: { Accept: "application/json", "HX-Request": "true" } });
    if (answer.headers.has("HX-Redirect")) {
      location.assign(place.dataset.confirm ? `${place.dataset.confirm}?next=${encodeURIComponent(location.pathname)}` : answer.headers.get("HX-Redirect"));
      return null;
    }
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };

  const answerOf = async (place) => {
    const options = await ask(place);
    if (!options) return null;
    if (place.dataset.passkey === "make") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  const use = async (place, button) => {
    const trouble = place.querySelector(".passkey-trouble");
    trouble.textContent = "";
    button.disabled = true;
    try {
      const answer = await answerOf(place);
      if (!answer) return;
      const form = place.closest("form");
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: place.dataset.field, value: JSON.stringify(answer.toJSON()) });
      form.append(field);
      if (place.dataset.action) form.action = place.dataset.action;
      form.requestSubmit();
    } catch (problem) {
      if (problem.name !== "AbortError") trouble.textContent = trouble.dataset.failed;
    } finally {
      button.disabled = false;
    }
  };

  for (const place of document.querySelectorAll("[data-passkey]")) {
    const button = place.querySelector("button[type=button]");
    button.addEventListener("click", () => use(place, button));
    place.hidden = false;
  }
  for (const line of document.querySelectorAll(".passkey-missing")) line.hidden = true;
})();
