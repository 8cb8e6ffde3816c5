/** Who is writing: a signal that is gone after six seconds; one's own can be switched off. */
/** @import { Entry } from "../types" */
import { currentPlace } from "../channels.js"
import { ask, hear, line } from "../connection.js"
import { channel, nameOf } from "../facts.js"
import { part } from "../page.js"
import { _ } from "../words.js"

const AGAIN = 3000
const LASTS = 6000
const KEY = "tells-typing"

/** Until when somebody writes, by channel and person. @type {Map<string, number>} */
const writing = new Map()

/** @param {HTMLElement} root */
export function start(root) {
  const words = part(root, "typing")
  const show = () => {
    const here = currentPlace()?.channels ?? []
    for (const [who, until] of writing) if (until <= Date.now()) writing.delete(who)
    const names = [...writing.keys()].flatMap((who) => (here.includes(who.split(" ")[0] ?? "") ? [nameOf(who.split(" ")[1])] : []))
    words.hidden = !names.length
    words.textContent = names.length === 1 ? _("%(name)s is writing…", { name: names[0] ?? "" }) : names.length ? _("%(names)s are writing…", { names: names.join(_(", ")) }) : ""
  }
  hear("typing", ({ channel, person }) => {
    writing.set(`${channel} ${person}`, Date.now() + LASTS)
    setTimeout(show, LASTS + 50)
    show()
  })
  hear("message_posted", (/** @type {Entry} */ { channel, actor }) => writing.delete(`${channel} ${actor}`) && show())
  hear("turned", show)
  startTelling(root)
}

/** @param {HTMLElement} root */
function startTelling(root) {
  const choice = /** @type {HTMLInputElement} */ (part(root, KEY))
  const input = /** @type {HTMLTextAreaElement} */ (document.getElementById("message"))
  let last = 0
  choice.checked = kept() !== "no"
  choice.addEventListener("change", () => keep(choice.checked ? "yes" : "no"))
  input.addEventListener("input", () => {
    const to = currentPlace()?.write?.id ?? ""
    if (!choice.checked || !input.value.trim() || !channel(to)?.may_speak || line() !== "online" || Date.now() - last < AGAIN) return
    last = Date.now()
    ask("typing", { channel: to }).catch(() => undefined)
  })
}

function kept() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** @param {string} chosen */
function keep(chosen) {
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}
