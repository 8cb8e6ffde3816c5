/** How one looks at the meeting: who is large, without pictures, in a small window; and the keys for all of it. */
import { hear } from "../connection.js"
import { part } from "../page.js"
import { raiseHand } from "../stage.js"
import * as floating from "./floating.js"
import * as layout from "./layout.js"
import { now } from "./now.js"
import { save, talk, turn } from "./own.js"
import { share } from "./screen.js"

/** Whoever speaks by voice to their device, or has a cat, may not want keys that act alone. */
const KEPT = "stage-keys"
const FIELDS = "input, textarea, select, button, a, summary, label, [contenteditable], [tabindex]"

/** Whether the reader goes about with a hand on the mouse, and not from button to button with the keyboard. */
let touched = false

/** @param {HTMLElement} stage */
export function start(stage) {
  const menu = part(stage, "view-menu")
  const saves = /** @type {HTMLInputElement} */ (part(menu, "saves"))
  menu.addEventListener("change", (event) => {
    const field = event.target
    if (!(field instanceof HTMLInputElement)) return
    if (field === saves) save(field.checked)
    else layout.choose(field.value)
  })
  part(menu, "float").hidden = !floating.mayFloat()
  part(menu, "float").addEventListener("click", () => { menu.hidePopover(); floating.float() })
  part(menu, "keys").addEventListener("click", () => { menu.hidePopover(); listKeys() })
  hear("stage", () => {
    saves.checked = now.saves
    for (const field of menu.querySelectorAll("input")) if (field.type === "radio") field.checked = field.value === layout.chosen()
  })
  startKeys()
}

/** Alt and a letter, for whoever has no hand free for the mouse. @type {Record<string, () => unknown>} */
const keys = {
  KeyM: () => turn("mic"), KeyV: () => turn("camera"), KeyH: raiseHand, KeyS: share,
  KeyL: layout.chooseNext, KeyP: () => floating.mayFloat() && floating.float(), KeyN: () => save(!now.saves),
}

function startKeys() {
  const sheet = part(document.body, "keys-sheet")
  const alone = /** @type {HTMLInputElement} */ (part(sheet, "alone"))
  alone.checked = read() !== "off"
  alone.addEventListener("change", () => keep(alone.checked ? "on" : "off"))
  part(sheet, "done").addEventListener("click", () => /** @type {HTMLDialogElement} */ (sheet).close())
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") touched = false
    if (now.state === "off" || event.ctrlKey || event.metaKey) return
    if (event.altKey) return act(event)
    if (!alone.checked || document.querySelector("dialog[open]") || busy(event.target)) return
    if (event.key === "?") listKeys()
    else if (event.code === "Space" && now.state === "on") {
      event.preventDefault()
      if (!event.repeat) talk(true)
    }
  })
  document.addEventListener("keyup", (event) => {
    if (event.code !== "Space") return
    if (now.talking) event.preventDefault() // else it would press the button that was clicked last
    talk(false)
  })
  document.addEventListener("pointerdown", () => { touched = true })
  for (const lost of ["blur", "pagehide"]) addEventListener(lost, () => talk(false))
}

/** @param {KeyboardEvent} event */
function act(event) {
  const doing = keys[event.code]
  if (!doing) return
  event.preventDefault()
  if (!event.repeat) doing()
}

function listKeys() {
  /** @type {HTMLDialogElement} */ (part(document.body, "keys-sheet")).showModal()
}

/** Where a key has a meaning of its own; a button that was clicked keeps the focus without being meant. @param {EventTarget | null} target */
function busy(target) {
  if (touched && target instanceof HTMLButtonElement) return false
  return target instanceof Element && target !== document.body && target.closest(FIELDS) !== null
}

function read() {
  try {
    return localStorage.getItem(KEPT)
  } catch {
    return null
  }
}

/** @param {string} value */
function keep(value) {
  try {
    localStorage.setItem(KEPT, value)
  } catch {
    // Without storage the choice lives as long as the page.
  }
}
