/** Finding and filling what the page's templates hold. Text always enters as text. */

/** @param {ParentNode} root @param {string} name @returns {HTMLElement} */
export function part(root, name) {
  const found = root.querySelector(`[data-part="${name}"]`)
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no part "${name}"`)
  return found
}

/** The one element of a <template>, copied. @param {string} id @returns {HTMLElement} */
export function copy(id) {
  const template = document.getElementById(id)
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`The page has no template "${id}"`)
  const first = template.content.firstElementChild?.cloneNode(true)
  if (!(first instanceof HTMLElement)) throw new Error(`The template "${id}" is empty`)
  return first
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} [kind] its classes @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, kind = "", text = "") {
  const made = document.createElement(tag)
  if (kind) made.className = kind
  if (text) made.textContent = text
  return made
}

const SVG = "http://www.w3.org/2000/svg"
const sheet = document.querySelector("[data-icons]")?.getAttribute("data-icons") || ""

/** @param {string} name @param {string} [kind] */
export function icon(name, kind = "icon") {
  const drawn = document.createElementNS(SVG, "svg")
  drawn.setAttribute("class", kind)
  drawn.setAttribute("aria-hidden", "true")
  const use = document.createElementNS(SVG, "use")
  use.setAttribute("href", `${sheet}#${name}`)
  drawn.append(use)
  return drawn
}

/** @param {string} text @param {() => void} act @param {string} [kind] */
export function button(text, act, kind = "button button--quiet button--small") {
  const made = make("button", kind, text)
  made.type = "button"
  made.addEventListener("click", act)
  return made
}

/** A button that shows an icon and says its name. @param {string} name @param {string} label @param {() => void} act @param {string} kind */
export function iconButton(name, label, act, kind) {
  const made = make("button", kind)
  made.type = "button"
  made.title = label
  made.setAttribute("aria-label", label)
  made.append(icon(name))
  made.addEventListener("click", act)
  return made
}

/** A name of our own making, unique for each act, so that what is sent twice is done once. */
export function newId() {
  return crypto.randomUUID().replaceAll("-", "")
}

/**
 * Draws a part anew only where it would look different: a button that is replaced under a finger is never pressed.
 * @param {HTMLElement} root @param {Node[]} nodes
 */
export function redraw(root, nodes) {
  const next = root.cloneNode(false)
  for (const node of nodes) next.appendChild(node)
  if (!next.isEqualNode(root)) root.replaceChildren(...next.childNodes)
}
