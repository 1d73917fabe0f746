// What the drop zones do with a file: have each row of it predicted and give the file back with the answers, or say what was true.
//
// A file goes up in batches of rows, so that it may be larger than one request, and how far it is can be counted in rows. Only the columns
// that the model takes are sent; the file comes back with all of its own cells as they were, and the answers behind them.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const tasks = (dashapp.csvTasks = dashapp.csvTasks || {});
  const FIRST_ROWS = 200, ROWS = 1000, TRUTHS = 5000;
  const ZONE = "score-zone";
  const number = (value) => value.toLocaleString("en");
  const rows = (count) => `${number(count)} ${count === 1 ? "row" : "rows"}`;

  const names = (list) => list.slice(0, 5).join(", ") + (list.length > 5 ? ` and ${list.length - 5} more` : "");

  // The columns of the file that are asked for, and where they stand.
  const places = (table, wanted) => wanted.map((name) => [name, table.names.indexOf(name)]).filter(([, place]) => place >= 0);

  const checkWidth = (table, records) => {
    const wrong = records.find((record) => record.cells.length !== table.header.length);
    if (wrong) throw new dashapp.Refused(`Line ${number(wrong.line)} has ${wrong.cells.length} cells, the header ${table.header.length}. Correct the file and drop it again.`);
  };

  const text = (known, records) => dashapp.csv.line(known.map(([name]) => name)) + records.map((record) => dashapp.csv.line(known.map(([, place]) => record.cells[place]))).join("");

  // The server names a row of its batch (`problem.row` counts from 0); a person looks for the line of the file.
  const inFile = (error, records) => {
    const { problem } = error;
    const record = problem && Number.isInteger(problem.row) ? records[problem.row] : undefined;
    if (!record) return error;
    const said = error.message.replace(/^(Row|Line) \d+( \([^)]*\))?:? ?/, "");
    const what = /^(holds|is|has|does) /.test(said) ? `it ${said}` : said;
    return new dashapp.Refused(`Line ${number(record.line)} of the file: ${what}`);
  };

  const fresh = (header, name) => {
    let free = name;
    for (let i = 2; header.includes(free); i += 1) free = `${name} ${i}`;
    return free;
  };

  const ours = (header, answered) => answered.map((name) => fresh(header, name === "id" ? "prediction_id" : name));

  const ask = async (known, records, signal) => {
    try {
      const answer = await dashapp.post("api/predict", text(known, records), "text/csv", signal);
      return { version: answer.headers.get("X-Model-Version"), found: dashapp.csv.split(await answer.text(), ",").map((record) => record.cells) };
    } catch (error) {
      throw inFile(error, records);
    }
  };

  const joined = (records, found) => {
    const last = found[found.length - 1];
    if (last && last[0] === "error") throw new dashapp.Refused(last[last.length - 1]);  // it broke off in the middle of its answer
    if (found.length !== records.length) throw new dashapp.Refused(`The server answered ${rows(found.length)} of ${rows(records.length)}. Try again.`);
    return records.map((record, at) => dashapp.csv.line([...record.cells, ...found[at]])).join("");
  };

  const download = (name, parts) => {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" })), download: name, textContent: name });
    link.click();
    return link;
  };

  // Rows of another size first, so that something is seen soon and a wrong file is refused soon.
  async function* pieces(table) {
    let isFirst = true;
    for await (const [batch, bytes] of dashapp.csv.batches(table, ROWS)) {
      checkWidth(table, batch);
      if (isFirst) yield [batch.splice(0, FIRST_ROWS), bytes];
      isFirst = false;
      if (batch.length) yield [batch, bytes];
    }
  }

  tasks.score = async (file, zone) => {
    const columns = JSON.parse(document.getElementById(ZONE).dataset.columns);
    const table = await dashapp.csv.open(file, (name) => columns.includes(name));
    if (!table.known) throw new dashapp.Refused(`The first line of ${file.name} names none of the columns that the model expects: ${names(columns)}.`);
    const known = places(table, columns);
    const began = performance.now(), parts = [], versions = new Set();
    let count = 0, warned = 0;
    for await (const [records, bytes] of pieces(table)) {
      const { version, found: [header, ...found] } = await ask(known, records, zone.signal);
      if (!parts.length) parts.push(dashapp.csv.line([...table.header, ...ours(table.header, header)]));
      parts.push(new Blob([joined(records, found)]));
      versions.add(version);
      warned += found.filter((cells) => cells[cells.length - 1] !== "").length;
      count += records.length;
      zone.tell(bytes / file.size, `${rows(count)} answered, ${dashapp.words.bytes(bytes)} of ${dashapp.words.bytes(file.size)} sent`);
    }
    if (!count) throw new dashapp.Refused(`${file.name} has a header but no rows.`);
    const link = download(`${file.name.replace(/\.[^.]*$/, "")}-predictions.csv`, parts);
    const by = `version${versions.size > 1 ? "s" : ""} ${[...versions].join(" and ")}`;
    const absent = columns.filter((name) => !table.names.includes(name));
    const lack = absent.length ? ` The file has no ${names(absent)}: taken as missing in every row.` : "";
    const doubts = warned ? ` ${rows(warned)} came with warnings; the last column says which.` : "";
    return [`${rows(count)} ${count === 1 ? "was" : "were"} answered by ${by} in ${dashapp.words.duration((performance.now() - began) / 1000)}.${lack}${doubts} Downloaded as `, link, "."];
  };

  tasks.feedback = async (file, zone) => {
    const wanted = ["prediction_id", "actual"];
    const table = await dashapp.csv.open(file, (name) => wanted.includes(name));
    const missing = wanted.filter((name) => !table.names.includes(name));
    if (missing.length) throw new dashapp.Refused(`${file.name} needs the columns prediction_id and actual in its first line; ${missing.join(" and ")} is not there.`);
    const known = places(table, wanted);
    let recorded = 0;
    const unknown = [];
    for await (const [records, bytes] of dashapp.csv.batches(table, TRUTHS)) {
      checkWidth(table, records);
      const said = records.filter((record) => known.every(([, place]) => record.cells[place] !== ""));
      if (said.length) {
        const answer = await dashapp.post("api/feedback", text(known, said), "text/csv", zone.signal).catch((error) => { throw inFile(error, said); });
        const body = await answer.json();
        recorded += body.recorded;
        unknown.push(...body.unknown);
      }
      zone.tell(bytes / file.size, `${rows(recorded)} written down`);
    }
    const lost = unknown.length ? ` ${rows(unknown.length)} ${unknown.length === 1 ? "names a prediction that is" : "name predictions that are"} not kept, as ${unknown[0]}.` : "";
    return [`The truth of ${number(recorded)} ${recorded === 1 ? "prediction" : "predictions"} was written down.${lost}`];
  };
})();
