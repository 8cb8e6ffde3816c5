/** A small menu over the page: where it was asked for on a desk, at the foot of the screen on a phone. */
import { button, make } from "../page.js"
import { _ } from "../words.js"

const EDGE = 8

/** @type {HTMLElement | null} */
let open_ = null

/**
 * @param {HTMLElement} home the menu goes with what it belongs to @param {{ words: string, act: () => void }[]} acts
 * @param {HTMLElement} opener where the focus comes back to @param {MouseEvent} [at]
 */
export function open(home, acts, opener, at) {
  const again = open_?.parentElement === home
  close()
  if (again || !acts.length) return
  const menu = make("div", "menu talk-menu")
  menu.setAttribute("role", "menu")
  menu.setAttribute("aria-label", _("Actions for this message"))
  menu.popover = "auto"
  menu.append(...acts.map(({ words, act }) => item(words, () => { close(); opener.focus({ preventScroll: true }); act() })))
  menu.addEventListener("keydown", (event) => step(menu, event))
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return
    if (menu.contains(document.activeElement) || document.activeElement === document.body) opener.focus({ preventScroll: true })
    close()
  })
  home.append(menu)
  menu.showPopover()
  open_ = menu
  place(menu, opener, at)
  menu.querySelector("button")?.focus({ preventScroll: true })
}

function close() {
  const menu = open_
  open_ = null
  menu?.remove()
}

/** @param {string} words @param {() => void} act */
function item(words, act) {
  const made = button(words, act, "menu__item")
  made.setAttribute("role", "menuitem")
  return made
}

/** A screen that is touched has it at its foot, by the style sheet. @param {HTMLElement} menu @param {HTMLElement} opener @param {MouseEvent} [at] */
function place(menu, opener, at) {
  const box = opener.getBoundingClientRect()
  const pointed = at && (at.clientX || at.clientY)
  const left = pointed ? at.clientX : box.left
  const top = pointed ? at.clientY : box.bottom
  menu.style.setProperty("--left", `${Math.max(EDGE, Math.min(left, innerWidth - menu.offsetWidth - EDGE))}px`)
  menu.style.setProperty("--top", `${Math.max(EDGE, Math.min(top, innerHeight - menu.offsetHeight - EDGE))}px`)
}

/** @param {HTMLElement} menu @param {KeyboardEvent} event */
function step(menu, event) {
  const items = [...menu.querySelectorAll("button")]
  const here = items.findIndex((one) => one === document.activeElement)
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key]
  if (event.key === "Tab") close()
  if (to === undefined) return
  event.preventDefault()
  items.at(to % items.length)?.focus()
}
