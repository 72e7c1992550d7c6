// Builds one JavaScript file with its styles inside, the licences of what is bundled beside it, and its seal.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { join, relative } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;

// SHA-256 over name and content of every source file in the order of their names; tests/ui/canvas counts it again.
function seal() {
  const own = ["package.json", "package-lock.json", "vite.config.js"].filter((name) => existsSync(join(here, name)));
  const sources = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath, entry.name)).split("\\").join("/"));
  const hash = createHash("sha256");
  for (const name of [...own, ...sources].sort()) hash.update(`${name}\n`).update(readFileSync(join(here, name)));
  return hash.digest("hex");
}

function licences() {
  const packages = JSON.parse(readFileSync(join(here, "package-lock.json"))).packages;
  const bundled = Object.entries(packages).filter(([path, about]) => path && !about.dev && !path.includes("@types/"));
  const texts = bundled.sort().map(([path, about]) => {
    const file = readdirSync(join(here, path)).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? readFileSync(join(here, path, file), "utf8").trim() : about.license;
    return `${path.replace("node_modules/", "")} ${about.version} (${about.license})\n\n${text}\n`;
  });
  return `canvas.js contains these libraries.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

const sealed = {
  name: "sealed",
  generateBundle(options, bundle) {
    bundle["canvas.js"].code = `/* source ${seal()}; licences in LICENSES.txt */\n${bundle["canvas.js"].code}`;
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: licences() });
  },
};

export default defineConfig({
  plugins: [sealed],
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "../built",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // with light-dark()
    modulePreload: false,
    rollupOptions: {
      input: "src/main.jsx",
      preserveEntrySignatures: "exports-only",
      output: { format: "es", entryFileNames: "canvas.js" },
    },
  },
});
