// The parts of Swagger UI that this page has: its own heading, landmark and introduction would stand there twice.

export function layout(system) {
  const { createElement: h } = system.React;

  function Page() {
    const part = (name) => h(system.getComponent(name, true));
    return h("div", { className: "swagger-ui" },
      h(system.getComponent("SvgAssets")), part("errors"),
      h("div", { className: "tools" }, part("FilterContainer"), part("AuthorizeBtnContainer")),
      part("operations"), part("Models"));
  }

  // The line of an operation is a button; a link inside of it could not be reached. The link of a heading stays.
  const DeepLink = (Original) => (props) => (props.path?.includes("/") ? h("span", null, props.text) : h(Original, props));
  return { components: { BellhopLayout: Page }, wrapComponents: { DeepLink } };
}
