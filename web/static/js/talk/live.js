/** For who listens instead of looking: what is said in the place that is open, a few at a time; of a flood only how much it was. */
/** @import { Entry } from "../types" */
import { currentPlace } from "../channels.js"
import { hear } from "../connection.js"
import { facts, nameOf } from "../facts.js"
import { part } from "../page.js"
import { _ } from "../words.js"

const GATHER = 700
const FEW = 3

/** @type {Entry[]} */
let said = []
let waiting = 0

export function start() {
  hear("message_posted", (/** @type {Entry} */ entry) => {
    if (entry.actor === facts().me || !entry.body || !currentPlace()?.channels.includes(entry.channel)) return
    said.push(entry)
    clearTimeout(waiting)
    waiting = setTimeout(tell, GATHER)
  })
}

function tell() {
  const heard = said
  said = []
  const last = heard.at(-1)
  if (!last || document.visibilityState !== "visible") return
  part(document.body, "live").textContent = heard.length > FEW
    ? _("%(n)s new messages, the last one from %(name)s", { n: heard.length, name: nameOf(last.actor) })
    : heard.map((entry) => _("%(name)s: %(text)s", { name: nameOf(entry.actor), text: entry.body.text || entry.body.file?.name || "" })).join("\n")
}
