// The page of the API: Swagger UI with the document of this installation, our session, samples and a search.

import { layout } from "./api_docs_layout.js";
import { opsFilter } from "./api_docs_search.js";
import { withSamples } from "./api_docs_samples.js";
import { mend } from "./api_docs_mended.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const place = document.getElementById("swagger");
const csrf = document.querySelector("meta[name=csrf-token]")?.content;

// The document as this page shows it: requests go to where the page came from, and the session needs no typing.
function shown(spec) {
  spec.servers = [{ url: location.origin }];
  delete spec.components.securitySchemes?.session;
  for (const operation of Object.values(spec.paths).flatMap(Object.values)) {
    operation.security = operation.security?.filter((way) => !("session" in way));
    if (operation["x-required-role"]) operation.summary = `${operation.summary} · ${operation["x-required-role"]}`;
  }
  return spec;
}

function withSession(request) {
  const here = new URL(request.url, location.href).origin === location.origin;
  if (here && !request.headers.Authorization && !SAFE.has((request.method ?? "GET").toUpperCase())) {
    request.headers["X-CSRF-Token"] = csrf;
  }
  return request;
}

function open(spec) {
  place.replaceChildren();
  SwaggerUIBundle({
    spec,
    dom_id: "#swagger",
    layout: "BellhopLayout",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: true,
    showMutatedRequest: false,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    validatorUrl: null,
    requestInterceptor: withSession,
    plugins: [() => ({ fn: { opsFilter: opsFilter(spec) } }), withSamples(spec), layout],
    onComplete: () => mend(place),
  });
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

try {
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) throw new Error(`it was answered with ${answer.status}`);
  open(shown(await answer.json()));
} catch (error) {
  place.textContent = `The OpenAPI document could not be loaded: ${error.message}. Load the page again.`;
}
