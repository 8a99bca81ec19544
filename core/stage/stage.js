/**
 * Draws a deck where a component of Streamlit asks for it.
 * @param {StreamlitComponent} component
 */
export default function mount(component) {
  return component;
}
