// Fetches the built editor once for the page and hands every call of Streamlit on to it.
export default function (component) {
  const { parentElement, data } = component;
  let gone = false;
  const drawing = import(new URL(data.asset, document.baseURI).href).then((canvas) => (gone ? undefined : canvas.default(component)));
  drawing.catch((error) => { parentElement.querySelector(".strata-canvas").textContent = `The editor could not be loaded (${error.message}). Reload the page.`; });
  return () => { gone = true; drawing.then((destroy) => destroy?.(), () => {}); };
}
