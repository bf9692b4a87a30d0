// Search as people type: the results below the field follow it. Without this module the form's button does.

const PAUSE = 150;

function follow(form) {
  const results = document.getElementById(form.dataset.results);
  const field = form.querySelector("input[type=search]");
  let asked, later;
  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const query = new URLSearchParams({ q: field.value });
    try {
      const answer = await fetch(`${form.dataset.search}?${query}`, { signal: asked.signal });
      if (!answer.ok) return;
      results.innerHTML = await answer.text();
      history.replaceState(null, "", field.value ? `?${query}` : location.pathname);
    } catch (error) {
      if (error.name !== "AbortError") form.dataset.searchState = "waiting"; // the button is still there
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(look, PAUSE);
  });
}

document.querySelectorAll("form[data-search]").forEach(follow);
