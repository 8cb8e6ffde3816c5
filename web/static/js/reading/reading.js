/** Beside reading itself: how far this device has come, who has got and read what, who is writing, what waits unread, and search. */
import { places, streamOf, unreadIn } from "../channels.js"
import { ask, hear, line, Refusal } from "../connection.js"
import { channel, nameOf, facts } from "../facts.js"
import { say } from "../notices.js"
import { copy, make, part } from "../page.js"
import { dayAndClock } from "../times.js"
import { _ } from "../words.js"
import * as typing from "./typing.js"

/** So long a device waits for what else comes, and for the reading that makes it needless to say. */
const GATHER = 1500

/** @typedef {{ person: string, delivered_at: string | null, read_at: string | null }} Receipt */

/** The sheet comes when it is first wanted. @param {HTMLElement} root */
function startSearch(root) {
  const open = async () => (await import("./search.js")).open(root)
  part(root, "open-search").addEventListener("click", open)
  // The browser's own search sees only what is drawn. Who asks for it twice gets it.
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
    const sheet = part(root, "search")
    if (sheet.hasAttribute("open") && sheet.contains(document.activeElement)) return
    event.preventDefault()
    open()
  })
}

/** @param {HTMLElement} root */
export function start(root) {
  startSearch(root)
  typing.start(root)
  part(root, "streams").addEventListener("click", (event) => {
    const row = event.target instanceof Element && event.target.closest("[data-receipts]")?.closest(".bubble")
    if (row instanceof HTMLElement) showReceipts(row.dataset.channel ?? "", Number(row.dataset.seq))
  })
  startDelivered()
  startTitle()
}

/** Says for all that came within a moment how far this device has come: nothing for what has been read meanwhile. */
function startDelivered() {
  /** @type {Map<string, number>} */
  const told = new Map()
  let waiting = 0
  const tell = () => {
    waiting = 0
    for (const place of places()) for (const id of place.channels) {
      const [known, last] = [channel(id), streamOf(id)?.ledgers.get(id)?.last ?? 0]
      if (!known || line() !== "online" || last <= Math.max(known.read_seq, told.get(id) ?? 0, known.deliveries[facts().me] ?? 0)) continue
      told.set(id, last)
      ask("mark_delivered", { channel: id, seq: last }).catch(() => told.delete(id))
    }
  }
  for (const name of ["entry", "back", "channels"]) hear(name, () => { waiting ||= setTimeout(tell, GATHER) })
  waiting = setTimeout(tell, GATHER)
}

/** What waits unread stands in the title, for who has another page in front. */
function startTitle() {
  const title = document.title
  const show = () => {
    const unread = places().reduce((sum, place) => sum + unreadIn(place), 0)
    document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${title}` : title
  }
  for (const name of ["entry", "channels", "reads"]) hear(name, show)
  for (const name of ["unread", "visibilitychange"]) document.addEventListener(name, show)
  show()
}

/** @param {string} id @param {number} seq */
async function showReceipts(id, seq) {
  try {
    const { receipts } = await ask("read_receipts", { channel: id, seq })
    const sheet = /** @type {HTMLDialogElement} */ (copy("receipts-sheet"))
    part(sheet, "list").append(...receipts.map(row))
    document.body.append(sheet)
    sheet.addEventListener("close", () => sheet.remove())
    sheet.showModal()
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
  }
}

/** @param {Receipt} one */
function row(one) {
  const made = make("li")
  const times = [
    one.delivered_at ? _("Delivered %(when)s", { when: dayAndClock(one.delivered_at) }) : _("Not delivered yet"),
    one.read_at ? _("Read %(when)s", { when: dayAndClock(one.read_at) }) : _("Not read yet"),
  ]
  made.append(make("span", "receipts__who", nameOf(one.person)), ...times.map((words) => make("span", "receipts__times", words)))
  return made
}
