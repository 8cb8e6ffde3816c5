/** Pinned notices on top of the talk: for who is asked until they have said that they read it, for who leads with who has and who has not. */
/** @import { Entry } from "../types" */
import { currentPlace } from "../channels.js"
import { ask, hear, Refusal } from "../connection.js"
import { channel, facts, may, nameOf } from "../facts.js"
import { say } from "../notices.js"
import { button, copy, icon, make, newId, part, redraw } from "../page.js"
import { dayAndClock } from "../times.js"
import { _ } from "../words.js"
import { offerAct } from "./acts.js"

/** @typedef {{ entry: Entry, asked: { person: string, at: string | null }[] }} Notice */

/** @type {Map<string, Notice[]>} by channel */
const known = new Map()
/** Those at whose list the reader looks: it stays open while people come and go. @type {Set<string>} */
const unfolded = new Set()
/** @type {HTMLElement} */
let place

/** @param {HTMLElement} root */
export function start(root) {
  place = part(part(root, "marks"), "notices")
  for (const kind of ["notice_pinned", "notice_acknowledged", "notice_unpinned"]) hear(kind, (/** @type {Entry} */ { channel: id }) => read(id))
  hear("back", () => readAll(true))
  hear("channels", () => readAll(false))
  hear("turned", () => { readAll(false); show() })
  offerAct((entry, row) => row.dataset.state === "sent" && mayPin(entry.channel)
    ? { words: _("Pin as a notice"), act: () => write(entry.channel, entry) } : null)
  const begin = part(part(root, "composer"), "pin")
  begin.addEventListener("click", () => {
    const id = currentPlace()?.write?.id
    if (id && mayPin(id)) write(id)
  })
  begin.hidden = !may("pin_notice")
  readAll(true)
}

/** @param {string} id */
function mayPin(id) {
  return may("pin_notice") && channel(id)?.may_speak === true
}

/** @param {boolean} anew */
function readAll(anew) {
  for (const id of currentPlace()?.channels ?? []) if (anew || !known.has(id)) read(id)
}

/** @param {string} id */
async function read(id) {
  try {
    const { notices } = await ask("read_notices", { channel: id })
    known.set(id, notices)
    show()
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
  }
}

function show() {
  const here = (currentPlace()?.channels ?? []).flatMap((id) => known.get(id) ?? [])
  const wanted = here.filter((notice) => waitsForMe(notice) || (may("pin_notice") && channel(notice.entry.channel)))
  redraw(place, wanted.sort((a, b) => (a.entry.at < b.entry.at ? 1 : -1)).map((notice) => waitsForMe(notice) ? question(notice) : account(notice)))
  place.hidden = wanted.length === 0
}

/** @param {Notice} notice */
function waitsForMe({ asked }) {
  return may("acknowledge_notice") && asked.some((one) => one.person === facts().me && !one.at)
}

/** @param {Notice} notice */
function question({ entry }) {
  const box = make("section", "pinned pinned--asks")
  const words = make("p", "pinned__text", entry.body.text)
  words.dir = "auto"
  box.append(head(entry), words, button(_("I have read this"), () => act("acknowledge_notice", entry), "button button--may button--small"))
  return box
}

/** @param {Notice} notice */
function account({ entry, asked }) {
  const box = make("details", "pinned")
  box.open = unfolded.has(entry.id)
  box.addEventListener("toggle", () => unfolded[box.open ? "add" : "delete"](entry.id))
  const read = asked.filter((one) => one.at).length
  const title = make("summary", "pinned__head")
  title.append(icon("pin"), make("span", "pinned__short", entry.body.text), make("strong", "pinned__by", _("Notice from %(name)s", { name: nameOf(entry.actor) })),
    make("span", "pinned__count", read === asked.length ? _("All have read it") : _("%(n)s of %(m)s have read it", { n: read, m: asked.length })))
  const people = make("ul", "pinned__people")
  people.append(...asked.map(({ person, at }) => {
    const row = make("li", at ? "pinned__read" : "pinned__unread")
    row.append(icon(at ? "double-check" : "clock"), at ? _("%(name)s: %(when)s", { name: nameOf(person), when: dayAndClock(at) }) : _("%(name)s: not yet", { name: nameOf(person) }))
    return row
  }))
  const words = make("p", "pinned__text", entry.body.text)
  words.dir = "auto"
  box.append(title, words, people)
  if (mayPin(entry.channel)) box.append(button(_("Take the notice down"), () => act("unpin_notice", entry)))
  return box
}

/** @param {Entry} entry */
function head(entry) {
  const title = make("p", "pinned__head")
  title.append(icon("pin"), make("strong", "", _("Notice from %(name)s", { name: nameOf(entry.actor) })))
  return title
}

/** @param {string} what @param {Entry} entry */
async function act(what, { channel: id, seq }) {
  try {
    await ask(what, { channel: id, seq })
    await read(id)
  } catch (refusal) {
    if (refusal instanceof Refusal) say(refusal.message)
  }
}

/** The sheet in which a notice is written; about a message it begins with its words. @param {string} id @param {Entry} [about] */
function write(id, about) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("notice-sheet"))
  const text = /** @type {HTMLTextAreaElement} */ (part(sheet, "text"))
  const wrong = part(sheet, "wrong")
  text.value = about?.body.text?.slice(0, 2000) ?? ""
  part(sheet, "stands").hidden = !about
  const act = newId()
  part(sheet, "form").addEventListener("submit", async (event) => {
    event.preventDefault()
    try {
      await ask("pin_notice", { channel: id, client_id: act, text: text.value, ...(about ? { message: about.seq } : {}) })
      sheet.close()
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      wrong.hidden = false
      wrong.textContent = refusal.message
    }
  })
  part(sheet, "cancel").addEventListener("click", () => sheet.close())
  sheet.addEventListener("close", () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}
