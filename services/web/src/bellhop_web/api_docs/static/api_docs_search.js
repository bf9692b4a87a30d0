// The search over operations: by path, name, description, tag and role, where Swagger UI looks at the tags alone.

function described(spec) {
  const found = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [method, one] of Object.entries(item)) {
      const words = [method, path, one.operationId, one.summary, one.description, ...(one.tags ?? [])];
      found.set(`${method} ${path}`, words.join(" ").toLowerCase());
    }
  }
  return found;
}

export function opsFilter(spec) {
  const all = described(spec);
  return (tags, phrase) => {
    const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (one) => words.every((word) => all.get(`${one.get("method")} ${one.get("path")}`)?.includes(word));
    return tags.map((tag) => tag.update("operations", (ones) => ones.filter(fits))).filter((tag) => tag.get("operations").size);
  };
}
