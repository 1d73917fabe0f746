// The drop zones of `web/csv_drop.py`: a native file input and drag and drop; what is done with the file, `dashapp.csvTasks` says by name.
//
// A task is `async (file, zone)`: it tells how far it is by `zone.tell(share, words)`, gives `zone.signal` to what it fetches, and resolves
// to what stands there when all is done. What it throws as `dashapp.Refused` is shown as it is.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const AWAY = "The server cannot be reached. Look whether it runs, then try again.";
  const tasks = (dashapp.csvTasks = dashapp.csvTasks || {});
  const RETRIES = 20, RETRY_MS = 1000;

  dashapp.Refused = class extends Error {};

  const part = (name, what) => document.getElementById(`${name}-${what}`);
  const show = (name, what, visible) => part(name, what)?.classList.toggle("is-hidden", !visible);

  const say = (name, what, content) => {
    const element = part(name, what);
    if (!element) return;
    element.replaceChildren(...[content].flat());
    show(name, what, true);
  };

  const tell = (name) => (share, words) => {
    const bar = part(name, "bar"), message = part(name, "message");
    if (!bar) return;
    if (share === null) bar.removeAttribute("value");
    else bar.value = 100 * share;
    message.textContent = words;
  };

  const reason = (error, signal) => {
    if (signal.aborted) return "It was cancelled.";
    return error instanceof dashapp.Refused ? error.message : AWAY;
  };

  const running = {};

  const take = async (name, files) => {
    if (!files.length || running[name]) return;
    const stop = (running[name] = new AbortController());
    for (const what of ["error", "done"]) show(name, what, false);
    show(name, "status", true);
    const others = files.length > 1 ? ` Only the first of ${files.length} files was taken.` : "";
    try {
      tell(name)(null, `Reading ${files[0].name}`);
      const words = await tasks[name](files[0], { tell: tell(name), signal: stop.signal });
      say(name, "done", [words, others].flat());
    } catch (error) {
      say(name, "error", reason(error, stop.signal) + others);
    } finally {
      running[name] = null;
      show(name, "status", false);
    }
  };

  // POSTs and gives the answer; waits where the server is busy for the moment, and throws the sentence of a refusal.
  dashapp.post = async (path, body, type, signal) => {
    for (let tries = 0; ; tries += 1) {
      const answer = await fetch(dashapp.address(path), { method: "POST", headers: { "Content-Type": type }, body, signal });
      if (answer.ok) return answer;
      const problem = await answer.json().catch(() => ({}));
      if (answer.status !== 503 || tries >= RETRIES) throw Object.assign(new dashapp.Refused(problem.detail || `The server answered ${answer.status} and gave no reason.`), { problem });
      const wait = Number(answer.headers.get("Retry-After")) * 1000 || RETRY_MS;
      await new Promise((done) => setTimeout(done, wait));
      signal.throwIfAborted();
    }
  };

  const input = (name, label) => {
    const element = document.createElement("input");
    Object.assign(element, { type: "file", id: `${name}-file`, className: "upload-input", accept: ".csv,.tsv,.txt,text/csv,text/plain" });
    element.setAttribute("aria-label", label);
    element.addEventListener("change", () => { take(name, [...element.files]); element.value = ""; });
    return element;
  };

  const mount = (name, zone) => {
    if (zone.dataset.ready) return;
    zone.dataset.ready = "yes";
    part(name, "slot").replaceChildren(input(name, zone.querySelector("strong").textContent));
    for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => { event.preventDefault(); take(name, [...event.dataTransfer.files]); });
    part(name, "cancel").addEventListener("click", () => running[name]?.abort());
    show(name, "status", Boolean(running[name]));
  };

  dashapp.clientside("csvdrop", {
    mount(slot) {
      const name = slot.replace(/-slot$/, ""), zone = part(name, "zone");
      if (zone) mount(name, zone);
      return "upload-slot";
    },
  });
})();
