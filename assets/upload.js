// The drop zone: a native file input and drag and drop; the file goes up by XMLHttpRequest, which reports its bytes and can be stopped.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const LOCATION = "location", PROFILING_MS = 1000;
  const MOST_FAILED_LOOKS = 30;
  let request = null, wasStopped = false, waitingFor = null, remark = "";

  const part = (id) => document.getElementById(id);
  const show = (id, visible) => part(id)?.classList.toggle("is-hidden", !visible);
  const say = (text) => { const element = part("upload-message"); if (element) element.textContent = text; };

  const fail = (sentence) => {
    waitingFor = null;
    show("upload-status", false);
    const error = part("upload-error");
    if (!error) return;
    error.textContent = sentence;
    error.classList.remove("is-hidden");
  };

  const open = (id) => {
    waitingFor = null;
    show("upload-status", false);
    if (!part("drop-zone")) return;  // another page is shown by now; the file stands in the list of the Train page
    const search = `?dataset=${encodeURIComponent(id)}`;
    if (location.search === search) part("data-card")?.scrollIntoView();  // the same file again: it is shown already
    else dashapp.set(LOCATION, { search });
  };

  const sentence = (text, status) => {
    try {
      const problem = JSON.parse(text);
      if (problem.detail) return problem.detail;
    } catch {
      // not a problem document: a proxy answered, say
    }
    return status === 413 ? "This file is larger than the server takes." : `The upload failed (the server answered ${status}). Try again.`;
  };

  const look = async (id) => {
    try {
      const answer = await fetch(dashapp.address(`api/datasets/${encodeURIComponent(id)}`), { headers: { Accept: "application/json" } });
      const body = await answer.json();
      return answer.status >= 500 ? null : { isFound: answer.ok, ...body };
    } catch {
      return null;  // the server is away for a moment
    }
  };

  // A large file is read after the answer: ask each second until that is done.
  const waitFor = async (id) => {
    waitingFor = id;
    part("upload-bar")?.removeAttribute("value");
    say("Validating data quality…");
    for (let failed = 0; waitingFor === id;) {
      await new Promise((done) => setTimeout(done, PROFILING_MS));
      const dataset = await look(id);
      if (waitingFor !== id) return;
      failed = dataset ? 0 : failed + 1;
      if (failed > MOST_FAILED_LOOKS) return fail("The server does not answer any more. Look whether it runs; the file stands in the list once it was read.");
      if (!dataset) continue;
      if (!dataset.isFound || dataset.state === "failed") return fail(dataset.error || dataset.detail || "The table could not be read.");
      if (dataset.state !== "profiling") return open(id);
      const rows = dataset.rows_so_far || dataset.rows;
      if (rows) say(`Validating data quality: ${rows.toLocaleString("en")} rows so far`);
    }
  };

  const progress = (file) => (event) => {
    const total = event.total || file.size || 1, bar = part("upload-bar");
    if (!bar) return;
    show("upload-status", true);
    bar.value = (100 * event.loaded) / total;
    say(event.loaded < total ? `Uploading ${file.name}: ${dashapp.words.bytes(event.loaded)} of ${dashapp.words.bytes(total)}` : "Reading and checking the table…");
    if (event.loaded >= total) bar.removeAttribute("value");
  };

  const answered = (sent) => () => {
    if (sent.status === 200 || sent.status === 201) return open(JSON.parse(sent.responseText).id);
    if (sent.status === 202) return waitFor(JSON.parse(sent.responseText).id);
    return fail(sentence(sent.responseText, sent.status));
  };

  const showRemark = () => {
    if (part("upload-remark")) part("upload-remark").textContent = remark;
    show("upload-remark", remark !== "");
  };

  // Several files at once: the first one, and a sentence about the others.
  const take = (files) => {
    if (!files.length) return;
    remark = files.length > 1 ? `${files.length} files were dropped; only the first, ${files[0].name}, was taken. Drop the others one at a time.` : "";
    showRemark();
    send(files[0]);
  };

  const send = (file) => {
    waitingFor = null;
    if (request) request.abort();
    wasStopped = false;
    const sent = (request = new XMLHttpRequest());
    show("upload-error", false);
    show("upload-status", true);
    part("upload-bar").value = 0;
    say(`Uploading ${file.name}`);
    sent.upload.onprogress = progress(file);
    sent.onload = answered(sent);
    sent.onerror = () => fail("The connection broke before the whole file was sent. Check that the server runs, then try again.");
    sent.onabort = () => { if (wasStopped) fail("The upload was stopped. Nothing was kept."); };
    sent.onloadend = () => { if (request === sent) request = null; };
    sent.open("POST", dashapp.address(`api/datasets?name=${encodeURIComponent(file.name)}`));
    sent.setRequestHeader("Content-Type", "text/csv");
    sent.send(file);
  };

  const stop = () => {
    wasStopped = true;
    if (request) return request.abort();
    waitingFor = null;  // the server reads on: the file stands in the list
    show("upload-status", false);
    return undefined;
  };

  const input = () => {
    const element = document.createElement("input");
    Object.assign(element, { type: "file", id: "upload-file", className: "upload-input", accept: ".csv,.tsv,.txt,text/csv,text/plain" });
    element.setAttribute("aria-label", "Choose a CSV file");
    element.addEventListener("change", () => { take(element.files); element.value = ""; });
    return element;
  };

  const mount = (zone) => {
    if (zone.dataset.ready) return;
    zone.dataset.ready = "yes";
    part("upload-slot").replaceChildren(input());
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files); });
    part("upload-cancel").addEventListener("click", stop);
    showRemark();
  };

  // A file dropped beside the zone must not make the browser leave the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());

  dashapp.clientside("upload", {
    mount() {
      const zone = part("drop-zone");
      if (zone) mount(zone);
      return "upload-slot";
    },
  });
})();
