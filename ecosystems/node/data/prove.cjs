// Loads what production is made of, one module after the other, and writes down how that went.
//
// Started by depslim in the project's folder, on a copy of what is installed: `node -e "require('…/prove.cjs')(name => import(name))"`.
// The loader comes from there because names are looked up from the folder that node was started in.

"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const ITEMS = path.join(__dirname, "modules.txt");
const RESULTS = path.join(__dirname, "results.txt");
const PATIENCE = 20_000;

const write = (line) => fs.appendFileSync(RESULTS, line.replace(/\s*\n\s*/g, " ") + "\n");

function done() {
  let lines = [];
  try {
    lines = fs.readFileSync(RESULTS, "utf8").split("\n");
  } catch {
    // Nothing was tried yet.
  }
  const tried = lines.filter((line) => line.startsWith("try ")).map((line) => line.slice(4));
  return [tried, lines.filter((line) => /^(ok|fail) /.test(line)).length];
}

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not finish loading within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function load(name, loader) {
  const require = createRequire(path.join(process.cwd(), "package.json"));
  try {
    return await within(loader(name));
  } catch (error) {
    // What only `require` may load.
    const other = ["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_UNSUPPORTED_DIR_IMPORT", "ERR_MODULE_NOT_FOUND"];
    if (!other.includes(error?.code)) throw error;
    try {
      return require(name);
    } catch {
      throw error;
    }
  }
}

async function child(items, first, loader) {
  // An error that comes later belongs to what is being loaded then.
  let late = null;
  process.on("uncaughtException", (error) => (late ??= error));
  process.on("unhandledRejection", (error) => (late ??= error));
  for (const name of items.slice(first)) {
    write("try " + name);
    late = null;
    try {
      await load(name.startsWith("./") ? path.join(process.cwd(), name) : name, loader);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      if (late) throw late;
      write("ok " + name);
    } catch (error) {
      console.error(`depslim: ${name} can't be loaded`);
      console.error(error);
      write(`fail ${name}\t${String(error?.message ?? error).slice(0, 300)}`);
    }
  }
  // Servers and timers that a module has started do not matter.
  process.exit(0);
}

module.exports = (loader) => {
  const items = fs.readFileSync(ITEMS, "utf8").split("\n").filter(Boolean);
  if (process.argv[1] !== undefined) {
    child(items, Number(process.argv[1]), loader);
    return;
  }
  while (done()[1] < items.length) {
    const before = done()[1];
    const again = ["-e", process.execArgv[process.execArgv.indexOf("-e") + 1], String(before)];
    const ended = spawnSync(process.execPath, again, { stdio: ["ignore", "inherit", "inherit"] });
    const [tried, known] = done();
    if (tried.length > known) {
      write(`fail ${tried.at(-1)}\tended node with ${ended.status ?? ended.signal}`);
    } else if (known === before) {
      console.error(`depslim: node ended with ${ended.status ?? ended.signal} before it loaded anything`);
      process.exit(1);
    }
  }
  write("end");
};
