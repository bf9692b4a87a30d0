// Samples of each operation in curl, Python and TypeScript, made of the document's own examples.

const JSON_TYPE = "application/json";

function resolved(spec, schema) {
  const path = schema?.$ref?.replace("#/", "").split("/");
  return path ? resolved(spec, path.reduce((inside, part) => inside?.[part], spec)) : schema ?? {};
}

// An example of a value: the document's, or one made of those of its parts.
function exampleOf(spec, schema, depth = 0) {
  const one = resolved(spec, schema);
  if (one.examples?.length) return one.examples[0];
  if (depth > 4) return undefined;
  if (one.type === "array") {
    const item = exampleOf(spec, one.items, depth + 1);
    return item === undefined ? undefined : [item];
  }
  const parts = Object.entries(one.properties ?? {}).map(([name, inner]) => [name, exampleOf(spec, inner, depth + 1)]);
  const known = parts.filter(([, value]) => value !== undefined);
  return known.length ? Object.fromEntries(known) : undefined;
}

function bodyOf(spec, operation) {
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === undefined) return {};
  if (type !== JSON_TYPE) return { type: resolved(spec, content.schema).contentMediaType ?? type };
  const named = Object.values(content.examples ?? {})[0]?.value;
  return { type, value: named ?? content.example ?? exampleOf(spec, content.schema) ?? {} };
}

const indented = (text, by) => text.replaceAll("\n", `\n${by}`);

function literal(value, by = "") {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${by}    `;
  const parts = Array.isArray(value)
    ? value.map((one) => inner + literal(one, inner))
    : Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${literal(one, inner)}`);
  if (!parts.length) return Array.isArray(value) ? "[]" : "{}";
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${parts.join(",\n")},\n${by}${close}`;
}

function curl({ method, path, token, type, value }) {
  const words = ["curl"];
  if (token) words.push('-H "Authorization: Bearer $BELLHOP_TOKEN"');
  if (type) words.push(`-H 'Content-Type: ${type}'`);
  if (type) words.push(value === undefined ? "--data-binary @FILE" : `-d '${JSON.stringify(value).replaceAll("'", "'\\''")}'`);
  if (method !== (type ? "POST" : "GET")) words.push(`-X ${method}`);
  return [...words, `"$BELLHOP_URL${path.replaceAll(/{(\w+)}/g, (_, name) => `$${name.toUpperCase()}`)}"`].join(" \\\n  ");
}

function python({ method, path, token, type, value }) {
  const names = [...path.matchAll(/{(\w+)}/g)].map((found) => found[1]);
  const words = [`f"{os.environ['BELLHOP_URL']}${path}"`];
  const headers = token ? [`"Authorization": f"Bearer {os.environ['BELLHOP_TOKEN']}"`] : [];
  if (type && value === undefined) headers.push(`"Content-Type": ${JSON.stringify(type)}`);
  if (headers.length) words.push(`headers={${headers.join(", ")}}`);
  if (type) words.push(value === undefined ? 'content=open("FILE", "rb")' : `json=${literal(value, "    ")}`);
  const known = names.map((name) => `${name} = "..."\n`).join("");
  const call = `answer = httpx.request(\n    ${[JSON.stringify(method), ...words].join(",\n    ")},\n)`;
  return `import os\n\nimport httpx\n\n${known}${call}\nanswer.raise_for_status()\nprint(answer.text)`;
}

function typescript({ method, path, token, type, value }) {
  const names = [...path.matchAll(/{(\w+)}/g)].map((found) => found[1]);
  const headers = token ? ["Authorization: `Bearer ${process.env.BELLHOP_TOKEN}`"] : [];
  if (type) headers.push(`"Content-Type": ${JSON.stringify(type)}`);
  const words = [`method: ${JSON.stringify(method)}`];
  if (headers.length) words.push(`headers: { ${headers.join(", ")} }`);
  if (type) words.push(value === undefined ? "body: file" : `body: JSON.stringify(${indented(JSON.stringify(value, null, 2), "  ")})`);
  const known = names.map((name) => `const ${name} = "...";\n`).join("");
  const url = path.replaceAll("{", "${");
  const call = `const answer = await fetch(\`\${process.env.BELLHOP_URL}${url}\`, {\n  ${words.join(",\n  ")},\n});`;
  return `${known}${call}\nif (!answer.ok) throw new Error(await answer.text());\nconsole.log(await answer.text());`;
}

const LANGUAGES = [["curl", curl], ["Python", python], ["TypeScript", typescript]];

export function samplesOf(spec, path, method) {
  const operation = spec.paths[path]?.[method] ?? {};
  const facts = { method: method.toUpperCase(), path, token: operation.security?.length > 0, ...bodyOf(spec, operation) };
  return LANGUAGES.map(([language, write]) => [language, write(facts)]);
}

// A plug-in of Swagger UI: the samples stand above the answers of each operation.
export function withSamples(spec) {
  return (system) => {
    const { createElement, useState } = system.React;

    function Samples({ path, method }) {
      const [chosen, choose] = useState(LANGUAGES[0][0]);
      const [copied, note] = useState("");
      const samples = samplesOf(spec, path, method);
      const text = Object.fromEntries(samples)[chosen];
      const button = ([language]) => createElement(
        "button", { key: language, type: "button", "aria-pressed": language === chosen, onClick: () => choose(language) }, language,
      );
      const copy = async () => { await navigator.clipboard.writeText(text); note("Copied"); setTimeout(() => note(""), 2000); };
      return createElement(
        "div", { className: "samples" },
        createElement("div", { className: "languages", role: "group", "aria-label": "Sample in" }, samples.map(button),
          navigator.clipboard && createElement("button", { type: "button", className: "copy-sample", onClick: copy }, copied || "Copy")),
        createElement("pre", { tabIndex: 0, "data-language": chosen }, createElement("code", null, text)),
      );
    }

    const responses = (Original) => (props) => createElement(
      "div", null, createElement(Samples, { path: props.path, method: props.method }), createElement(Original, props),
    );
    return { wrapComponents: { responses } };
  };
}
