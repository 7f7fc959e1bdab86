// What the survey form can do besides with a script: ask only what is to be asked, show how far one
// is, keep a draft in this browser. The server decides everything again.
(() => {
  "use strict";
  const store = {
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* no draft, then */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* there was none */ } },
  };
  const done = document.querySelector("[data-done]");
  if (done) store.drop(done.dataset.done);
  document.querySelector("[data-focus]")?.focus();
  const form = document.querySelector("form[data-draft]");
  if (!form) return;

  const key = form.dataset.draft, maxAge = 30 * 24 * 3600 * 1000;
  const questions = [...form.querySelectorAll(".q")];
  const said = form.querySelector("[data-said]");

  // What is in the fields.
  const whole = text => {
    const digits = text.trim().replace(/[０-９]/g, d => String.fromCharCode(d.charCodeAt(0) - 0xfee0));
    return /^[+-]?\d+$/.test(digits) ? Number(digits) : null;
  };
  const read = question => {
    const type = question.dataset.type, found = {};
    const names = new Set([...question.querySelectorAll("[name]")].map(e => e.name));
    if (type === "ranking") {
      const at = new Map();
      let fine = true;
      for (const select of question.querySelectorAll("select")) {
        if (!select.value) continue;
        fine = fine && !at.has(Number(select.value));
        at.set(Number(select.value), select.name.slice(select.name.indexOf(".") + 1));
      }
      const n = at.size, most = Number(question.dataset.most) || Infinity;
      if (n && fine && Math.max(...at.keys()) === n && n >= (Number(question.dataset.least) || 0) && n <= most) {
        found[question.id.slice(2)] = [...at.values()];
      }
      return found;
    }
    for (const name of names) {
      const fields = [...question.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
      if (type === "multiple") {
        const chosen = fields.filter(e => e.checked).map(e => e.value), most = Number(question.dataset.most) || Infinity;
        if (chosen.length && chosen.length >= (Number(question.dataset.least) || 0) && chosen.length <= most) found[name] = chosen;
        continue;
      }
      const text = (fields[0].type === "radio" ? fields.find(e => e.checked)?.value ?? "" : fields[0].value).trim();
      if (!text) continue;
      if (type === "single") found[name] = [text];
      else if (type === "text") found[name] = text;
      else {
        const n = whole(text);
        if (n !== null && (type !== "score" || n >= 0 && n <= 100)) found[name] = n;
      }
    }
    return found;
  };
  const holds = (on, answers) => {
    if (on.all) return on.all.every(one => holds(one, answers));
    if (on.any) return on.any.some(one => holds(one, answers));
    const value = answers[on.question];
    if (on.answered !== undefined) return (value !== undefined) === on.answered;
    if (value === undefined) return false;
    if (typeof value === "number") return (on.at_least === undefined || value >= on.at_least) && (on.at_most === undefined || value <= on.at_most);
    return Array.isArray(value) && value.some(k => (on.is ?? []).includes(k));
  };

  // Only what is to be asked is seen, from top to bottom.
  const bar = document.querySelector("[data-progress]");
  const update = () => {
    const answers = {};
    let asked = 0, answered = 0;
    for (const question of questions) {
      const visible = !question.dataset.if || holds(JSON.parse(question.dataset.if), answers);
      question.hidden = !visible;
      if (!visible) continue;
      const found = read(question);
      asked++;
      if (Object.keys(found).length) answered++;
      Object.assign(answers, found);
    }
    bar.querySelector("progress").max = Math.max(asked, 1);
    bar.querySelector("progress").value = answered;
    const text = bar.dataset.progress.replace("{n}", answered).replace("{of}", asked);
    if (bar.lastElementChild.textContent !== text) bar.lastElementChild.textContent = text;
    for (const area of form.querySelectorAll("textarea")) {
      const n = [...area.value.trim()].length, most = Number(area.dataset.most), count = area.nextElementSibling;
      count.hidden = n < most * 0.8;
      count.textContent = `${n} / ${most}`;
    }
  };

  // The draft stays in this browser until the answer is sent or it is cleared.
  const note = form.querySelector("[data-draft-note]");
  const button = form.querySelector("button[type=submit]");
  const keep = () => {
    if (!button) return; // a preview
    const values = [...new FormData(form)].filter(([name, value]) => name !== "_ticket" && value !== "");
    if (!values.length) return store.drop(key);
    store.set(key, {at: Date.now(), ticket: form._ticket.value, values});
    note.hidden = false;
  };
  const fill = values => {
    for (const [name, value] of values) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = field.checked && field.type === "checkbox" || field.value === value;
        else field.value = value;
      }
    }
  };
  const draft = store.get(key);
  if (draft && Date.now() - draft.at > maxAge) store.drop(key);
  else if (draft && form.dataset.filled === undefined) {
    fill(draft.values);
    form._ticket.value = draft.ticket; // the same form: if it arrived and the reply was lost, it counts once
  }
  note.hidden = !store.get(key);

  note.querySelector("button").addEventListener("click", event => {
    if (!confirm(event.target.dataset.ask)) return;
    store.drop(key);
    for (const field of form.querySelectorAll("input, textarea, select")) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.type === "radio" && field.value === "";
      else if (field.type !== "hidden") field.value = "";
    }
    update();
    note.hidden = true;
    said.textContent = event.target.dataset.clear;
    questions[0].focus();
  });
  for (const chips of form.querySelectorAll(".chips")) {
    chips.hidden = false;
    chips.addEventListener("click", event => {
      const value = event.target.dataset.chip;
      if (value === undefined) return;
      chips.previousElementSibling.value = value;
      chips.previousElementSibling.dispatchEvent(new Event("input", {bubbles: true}));
    });
  }
  for (const words of form.querySelectorAll(".if")) words.hidden = true;
  bar.hidden = false;
  form.addEventListener("input", () => { update(); keep(); });
  form.addEventListener("change", () => { update(); keep(); });

  // One click, one form: a second one while it is on its way does nothing.
  form.addEventListener("submit", event => {
    if (!button) return event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.dataset.usual = button.textContent;
    said.textContent = button.textContent = button.dataset.sending;
  });
  addEventListener("pageshow", () => { // also when one comes back to it
    if (!button) return;
    if (button.dataset.usual) button.textContent = button.dataset.usual;
    button.removeAttribute("aria-disabled");
    said.textContent = "";
    update();
  });
  update();
})();
