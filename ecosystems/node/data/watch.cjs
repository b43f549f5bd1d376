// Writes down which files node loads, as modules and by reading them.
//
// Required by depslim before anything else, in every process that is started. Takes nothing but what node brings.

"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { fileURLToPath } = require("node:url");

const FOLDER = path.join(__dirname, "loaded");
const known = new Set();
const append = fs.appendFileSync;
fs.mkdirSync(FOLDER, { recursive: true });

function tell(file) {
  try {
    if (file instanceof URL || (typeof file === "string" && file.startsWith("file:"))) file = fileURLToPath(file);
    if (typeof file !== "string" || known.has(file) || file.includes("\n")) return;
    known.add(file);
    append(path.join(FOLDER, `node-${process.pid}.txt`), path.resolve(file) + "\n");
  } catch {
    // Watching never stands in the way.
  }
}

const load = Module.prototype.load;
Module.prototype.load = function (file) {
  tell(file);
  return Reflect.apply(load, this, arguments);
};

for (const name of ["readFileSync", "openSync", "createReadStream", "readFile", "open"]) {
  const original = fs[name];
  fs[name] = function (file) {
    if (name !== "openSync" && name !== "open") tell(file);
    else if (arguments[1] === undefined || arguments[1] === "r" || typeof arguments[1] === "function") tell(file);
    return Reflect.apply(original, this, arguments);
  };
}

// Modules of the other kind: in this thread where node can do that, else from the thread that loads them.
if (typeof Module.registerHooks === "function") {
  Module.registerHooks({
    load(url, context, next) {
      tell(url);
      return next(url, context);
    },
  });
} else if (typeof Module.register === "function") {
  const hooks = `
    import { appendFileSync } from "node:fs";
    import { fileURLToPath } from "node:url";
    export async function load(url, context, next) {
      if (url.startsWith("file:")) {
        try { appendFileSync(${JSON.stringify(FOLDER)} + "/esm-" + process.pid + ".txt", fileURLToPath(url) + "\\n"); } catch {}
      }
      return next(url, context);
    }`;
  Module.register("data:text/javascript," + encodeURIComponent(hooks));
}
