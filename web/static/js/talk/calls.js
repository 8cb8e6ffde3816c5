/** "You were mentioned": a mark that leads to where, in whatever place it is, until that has been on the screen. */
/** @import { Entry } from "../types" */
import { callsMe } from "../bubbles.js"
import { ask, hear, line } from "../connection.js"
import { facts } from "../facts.js"
import { icon, make, part } from "../page.js"
import { _ } from "../words.js"
import { jump, rowOf } from "./jump.js"

/** @type {{ channel: string, seq: number }[]} */
let calls = []
/** @type {HTMLElement} */
let mark
/** @type {(nothing: void) => void} */
let known = () => undefined

/** The first time that was asked: what is read from then on cannot hide where one was called. @type {Promise<void>} */
export const asked = new Promise((answered) => { known = answered })

/** @param {HTMLElement} root */
export function start(root) {
  mark = part(part(root, "marks"), "called")
  mark.addEventListener("click", next)
  hear("message_posted", (/** @type {Entry} */ entry) => callsMe(entry) && add(entry))
  hear("message_recalled", ({ channel, body }) => forget((one) => one.channel === channel && one.seq === body.seq))
  hear("back", read)
  part(root, "streams").addEventListener("scroll", look, { capture: true, passive: true })
  document.addEventListener("visibilitychange", look)
  read()
}

async function read() {
  const { mentions } = await ask("read_mentions", { room: facts().room }).catch(() => ({ mentions: [] }))
  for (const one of mentions) add(one)
  if (line() === "online") known()
}

/** @param {{ channel: string, seq: number }} call */
function add({ channel, seq }) {
  if (!calls.some((one) => one.channel === channel && one.seq === seq)) calls.push({ channel, seq })
  requestAnimationFrame(look)
}

function next() {
  const [first] = calls
  if (!first) return
  forget((one) => one === first)
  jump(first.channel, first.seq)
}

/** What is on the screen has been found. */
function look() {
  forget(({ channel, seq }) => document.visibilityState === "visible" && isInSight(rowOf(channel, seq)))
}

/** @param {(one: { channel: string, seq: number }) => boolean} found */
function forget(found) {
  calls = calls.filter((one) => !found(one))
  mark.hidden = calls.length === 0
  mark.replaceChildren(icon("at"), make("span", "", calls.length > 1 ? _("You were mentioned %(n)s times", { n: calls.length }) : _("You were mentioned")))
}

/** @param {HTMLElement | null} row */
function isInSight(row) {
  const scroller = row?.closest("[data-part='scroller']")
  if (!row || !scroller || row.offsetParent === null) return false
  const [own, seen] = [row.getBoundingClientRect(), scroller.getBoundingClientRect()]
  return own.bottom > seen.top + 20 && own.top < seen.bottom - 20
}
