// CSV files as a browser holds them: decoded and split piece by piece, so that a file may be larger than the memory; and written again.
//
// Records follow RFC 4180: a cell in quotes may hold the separator, line ends and doubled quotes. Lines of nothing are left out. A file is
// UTF-8 or UTF-16 with its mark, and Windows-1252 where it is no valid UTF-8.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const SEPARATORS = [",", ";", "\t", "|"];
  const INVISIBLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, MAX_NAME_CHARS = 200;
  const HEAD_CHARS = 1 << 18;

  // Takes text in pieces; gives the records that are complete, each `{cells, line}` with the line on which it starts.
  class Splitter {
    constructor(separator) {
      this.separator = separator;
      this.special = new RegExp(`["\\r\\n${separator === "|" || separator === "\t" ? `\\${separator === "\t" ? "t" : "|"}` : separator}]`, "g");
      this.cells = [];
      this.cell = "";
      this.state = "start";  // start of a cell, plain, quoted, or after a quote
      this.line = this.startLine = 1;
      this.wasReturn = this.wasQuoted = false;
      this.found = [];
    }

    take(text) {
      let at = 0;
      while (at < text.length) at = this.step(text, at);
      return this.found.splice(0);
    }

    end() {
      if (this.state !== "start" || this.cells.length) this.endRecord();
      return this.found.splice(0);
    }

    step(text, at) {
      const letter = text[at];
      if (this.wasReturn) {
        this.wasReturn = false;
        if (letter === "\n") return at + 1;
      }
      if (this.state === "quoted") return this.inQuotes(text, at);
      if (this.state === "after" && letter === '"') {
        this.cell += '"';
        this.state = "quoted";
        return at + 1;
      }
      if (letter === '"' && this.state === "start") {
        this.state = "quoted";
        this.wasQuoted = true;
        return at + 1;
      }
      if (letter === this.separator) {
        this.endCell();
        return at + 1;
      }
      if (letter === "\n" || letter === "\r") {
        this.wasReturn = letter === "\r";
        this.line += 1;
        this.endRecord();
        return at + 1;
      }
      return this.plain(text, at);
    }

    inQuotes(text, at) {
      const quote = text.indexOf('"', at);
      const piece = text.slice(at, quote < 0 ? text.length : quote);
      for (let i = piece.indexOf("\n"); i >= 0; i = piece.indexOf("\n", i + 1)) this.line += 1;
      this.cell += piece;
      if (quote < 0) return text.length;
      this.state = "after";
      return quote + 1;
    }

    plain(text, at) {
      this.state = "plain";
      this.special.lastIndex = at + 1;
      const next = this.special.exec(text);
      const to = next ? next.index : text.length;
      this.cell += text.slice(at, to);
      return to;
    }

    endCell() {
      this.cells.push(this.cell);
      this.cell = "";
      this.state = "start";
    }

    endRecord() {
      const isNothing = !this.cells.length && this.cell === "" && !this.wasQuoted;
      this.endCell();
      if (!isNothing) this.found.push({ cells: this.cells, line: this.startLine });
      this.cells = [];
      this.wasQuoted = false;
      this.startLine = this.line;
    }
  }

  const split = (text, separator) => {
    const splitter = new Splitter(separator);
    return [...splitter.take(text), ...splitter.end()];
  };

  const encodingOf = async (file) => {
    const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    if (first === 0xff && second === 0xfe) return "utf-16le";
    if (first === 0xfe && second === 0xff) return "utf-16be";
    try {
      for await (const _text of decoded(file, "utf-8", true)) continue;
      return "utf-8";
    } catch {
      return "windows-1252";
    }
  };

  // `[text, bytes read so far]`
  async function* decoded(file, encoding, fatal = false) {
    const decoder = new TextDecoder(encoding, { fatal });
    const reader = file.stream().getReader();
    let bytes = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        bytes += value.length;
        yield [decoder.decode(value, { stream: true }), bytes];
      }
      yield [decoder.decode(), bytes];
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  const headOf = async (file, encoding) => {
    let text = "";
    for await (const [piece] of decoded(file, encoding)) {
      text += piece;
      if (text.length >= HEAD_CHARS || /[\r\n]/.test(text)) break;
    }
    return text.slice(0, HEAD_CHARS);
  };

  // The names that the server gave the columns of such a header at its upload (`datasets/text/names.py`).
  const named = (header) => {
    const cleaned = header.map((name, place) => {
      const words = name.replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
      return [...words].slice(0, MAX_NAME_CHARS).join("") || `column_${place + 1}`;
    });
    const taken = new Set(cleaned), seen = new Set();
    return cleaned.map((name) => {
      let free = name;
      for (let i = 2; seen.has(free) || (free !== name && taken.has(free)); i += 1) free = `${name}_${i}`;
      seen.add(free);
      return free;
    });
  };

  // The file with its header, split by the separator under which most of its names are known.
  const open = async (file, isKnown) => {
    const encoding = await encodingOf(file);
    const text = await headOf(file, encoding);
    const headers = SEPARATORS.map((separator) => ({ separator, header: (split(text, separator)[0] || { cells: [] }).cells }));
    for (const each of headers) each.names = named(each.header);
    const score = ({ names }) => names.filter(isKnown).length;
    const best = headers.reduce((found, each) => (score(each) > score(found) ? each : found));
    return { ...best, known: score(best), records: () => records(file, encoding, best.separator) };
  };

  // All records after the header as `[records, bytes read so far]`.
  async function* records(file, encoding, separator) {
    const splitter = new Splitter(separator);
    let isHeader = true;
    const rest = (found) => {
      if (!isHeader || !found.length) return found;
      isHeader = false;
      return found.slice(1);
    };
    let read = 0;
    for await (const [text, bytes] of decoded(file, encoding)) {
      read = bytes;
      yield [rest(splitter.take(text)), bytes];
    }
    yield [rest(splitter.end()), read];
  }

  const cell = (text) => (/[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text);
  // A lone empty cell would be a line of nothing.
  const line = (cells) => (cells.length === 1 && cells[0] === "" ? '""' : cells.map(cell).join(",")) + "\r\n";

  // Batches of exactly `size` records (the last one may be smaller), each with the bytes read so far.
  async function* batches(table, size) {
    let waiting = [];
    let bytes = 0;
    for await (const [found, read] of table.records()) {
      const before = bytes;
      waiting = waiting.concat(found);
      let at = 0;
      for (; waiting.length - at >= size; at += size) {
        bytes = Math.round(before + ((read - before) * (at + size)) / waiting.length);
        yield [waiting.slice(at, at + size), bytes];
      }
      bytes = read;
      waiting = waiting.slice(at);
    }
    if (waiting.length) yield [waiting, bytes];
  }

  dashapp.csv = { open, split, line, batches };
})();
