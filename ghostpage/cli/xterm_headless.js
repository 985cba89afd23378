// @xterm/headless behind a pipe: node xterm_headless.js COLUMNS ROWS HISTORY
//
// Requests are a byte for their kind, the length of what follows (4 bytes, little-endian) and that; each is answered by a
// line of JSON. Kind 0 is output to feed, answered when it was parsed; kind 1 asks for the rows of history and, if a number
// (4 bytes) follows, for the text of so many last rows.
"use strict";

const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");

function load(name) {
  const paths = [process.cwd(), __dirname, ...(process.env.NODE_PATH || "").split(":").filter(Boolean)];
  return require(require.resolve(name, { paths }));
}

let headless, version;
try {
  headless = load("@xterm/headless");
  version = load("@xterm/headless/package.json").version;
} catch (error) {
  say({ error: error.message.split("\n")[0] });
  process.exit(0);
}

const [columns, rows, scrollback] = process.argv.slice(2).map(Number);
const terminal = new headless.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true });
say({ version });

function tail(wanted) {
  const buffer = terminal.buffer.active;
  const lines = [];
  for (let y = Math.max(0, buffer.length - wanted); y < buffer.length; y++)
    lines.push(buffer.getLine(y).translateToString(true).trimEnd());
  return lines;
}

let waiting = Buffer.alloc(0);
process.stdin.on("data", (bytes) => {
  waiting = waiting.length ? Buffer.concat([waiting, bytes]) : bytes;
  while (waiting.length >= 5) {
    const end = 5 + waiting.readUInt32LE(1);
    if (waiting.length < end) return;
    const data = waiting.subarray(5, end);
    if (waiting[0] === 0) terminal.write(data, () => say({}));
    else say({ history: terminal.buffer.normal.baseY, tail: data.length ? tail(data.readUInt32LE(0)) : [] });
    waiting = waiting.subarray(end);
  }
});
