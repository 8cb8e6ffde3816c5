/** What somebody said, as a bubble: whose it is, what it answers, and how far it has come. */
/** @import { Entry, StoredFile } from "./types" */
/** @import { Ledger } from "./ledger.js" */
/** @import { Letter } from "./outbox.js" */
/** @import { Parcel } from "./uploads.js" */
import { ask, line, Refusal } from "./connection.js"
import { channel, everybody, facts, me, nameOf, person, standingOf } from "./facts.js"
import { showFile, showPlace } from "./files.js"
import { say } from "./notices.js"
import * as outbox from "./outbox.js"
import { button, copy, icon, make, part, redraw } from "./page.js"
import { clock } from "./times.js"
import { _ } from "./words.js"

const TEXT_RECALL = 2 * 60_000
const FILE_RECALL = 3 * 60 * 60_000

/** @param {Entry} entry @param {Entry | undefined} answered @param {Ledger | undefined} ledger */
export function draw(entry, answered, ledger) {
  const row = frame(entry.actor, entry.at)
  row.dataset.seq = String(entry.seq)
  row.dataset.channel = entry.channel
  row.dataset.state = "sent"
  const { text, file } = entry.body
  if (isRecalled(entry, ledger)) return stub(row)
  if (answered) quote(row, answered)
  if (text) write(part(row, "text"), text, entry.body.mentions ?? [])
  if (file) part(row, "file").append(showFile(file, entry))
  if (file?.album && !text) {
    row.classList.add("bubble--tile")
    row.dataset.half = file.album.place % 2 ? "right" : "left"
  }
  if (entry.body.location) part(row, "file").append(showPlace(entry.body.location))
  state(row, entry)
  part(row, "more").hidden = false
  return row
}

/** @param {Letter} letter @param {Entry | undefined} answered @param {boolean} sent */
export function drawLetter(letter, answered, sent) {
  const row = frame(facts().me, letter.at)
  row.dataset.client = letter.client_id
  row.dataset.state = letter.wrong ? "failed" : sent ? "sent" : "pending"
  row.classList.add(letter.wrong ? "bubble--failed" : "bubble--pending")
  if (answered) quote(row, answered)
  if (letter.location) part(row, "file").append(showPlace(letter.location))
  write(part(row, "text"), letter.text, letter.mentions ?? [])
  const foot = part(row, "state")
  if (letter.wrong) {
    foot.append(icon("alert"), letter.wrong, button(_("Send again"), () => outbox.again(letter.client_id), "button button--bare button--small"),
      button(_("Remove"), () => { outbox.drop(letter.client_id); row.remove() }, "button button--bare button--small"))
  } else {
    foot.append(icon(sent ? "check" : "clock"), sent ? _("Sent") : line() === "online" ? _("Sending…") : _("Kept here, sent when the connection is back"))
  }
  return row
}

/** A file that is being sent: the parcel draws its own progress into the bubble. @param {Parcel} parcel */
export function drawFile(parcel) {
  const row = frame(facts().me, parcel.at)
  row.dataset.client = parcel.client_id
  row.dataset.state = "pending"
  row.classList.add("bubble--pending")
  part(row, "file").append(parcel.shape)
  return row
}

/** @param {HTMLElement} list @param {Entry} recalled */
export function recall(list, recalled) {
  const row = list.querySelector(`[data-channel="${CSS.escape(recalled.channel)}"][data-seq="${recalled.body.seq}"]`)
  if (row instanceof HTMLElement) stub(row)
}

/** "Seen by" grows while the others read. @param {HTMLElement} list */
export function drawStates(list) {
  for (const row of list.querySelectorAll(".bubble--own[data-seq]")) {
    if (!(row instanceof HTMLElement) || row.dataset.state === "recalled") continue
    state(row, { seq: Number(row.dataset.seq), channel: row.dataset.channel ?? "", actor: row.dataset.actor ?? "" })
  }
}

/**
 * Answer, take back: the acts on a bubble, opened by its small button.
 * @param {HTMLElement} list @param {(seq: number, channel: string) => Entry | undefined} find @param {(entry: Entry) => void} reply
 */
export function showActions(list, find, reply) {
  list.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("[data-part='more']")
    const row = pressed && pressed.closest(".bubble")
    if (!(row instanceof HTMLElement)) return
    const entry = find(Number(row.dataset.seq), row.dataset.channel ?? "")
    const open = row.querySelector(".bubble__acts")
    list.querySelector(".bubble__acts")?.remove()
    if (open || !entry) return
    const acts = make("div", "bubble__acts")
    if (channel(entry.channel)?.may_speak) acts.append(button(_("Reply"), () => { acts.remove(); reply(entry) }))
    if (isRecallable(entry)) acts.append(button(_("Take back"), () => { acts.remove(); takeBack(entry) }))
    if (entry.body.text) acts.append(button(_("Copy"), () => { acts.remove(); navigator.clipboard?.writeText(entry.body.text ?? "") }))
    row.append(acts)
    acts.querySelector("button")?.focus()
  })
}

/** @param {string | null} actor @param {string} at */
function frame(actor, at) {
  const row = copy("bubble")
  const someone = person(actor)
  const own = actor === facts().me
  row.dataset.actor = actor ?? ""
  row.classList.toggle("bubble--own", own)
  row.classList.add(`bubble--${someone?.side ?? (own ? me()?.side : "bench") ?? "bench"}`)
  part(row, "name").textContent = own ? _("You") : nameOf(actor)
  part(row, "standing").textContent = own ? "" : standingOf(someone)
  const time = part(row, "time")
  time.textContent = clock(at)
  time.setAttribute("datetime", at)
  return row
}

/** @param {HTMLElement} row */
function stub(row) {
  row.dataset.state = "recalled"
  row.classList.remove("bubble--pending", "bubble--tile")
  row.classList.add("bubble--recalled")
  part(row, "file").replaceChildren()
  part(row, "quote").hidden = true
  part(row, "state").replaceChildren()
  part(row, "more").hidden = true
  part(row, "text").textContent = row.classList.contains("bubble--own") ? _("You took this message back.") : _("This message was taken back.")
  return row
}

/** @param {HTMLElement} row @param {Entry} answered */
function quote(row, answered) {
  const box = part(row, "quote")
  const text = answered.body.text || answered.body.file?.name || _("This message was taken back.")
  const short = text.length > 120 ? `${text.slice(0, 120)}…` : text
  box.textContent = _("%(name)s: %(text)s", { name: nameOf(answered.actor), text: short })
  box.hidden = false
}

/** Names that are called stand out; links lead out of the room only where they are plainly links. @param {HTMLElement} box @param {string} text @param {string[]} mentions */
function write(box, text, mentions) {
  const names = mentions.map((id) => `@${nameOf(id)}`)
  const pattern = [...names.map(escape), "https?://[^\\s，。；！？、）)]+"].join("|")
  let from = 0
  for (const found of text.matchAll(new RegExp(pattern, "g"))) {
    box.append(text.slice(from, found.index))
    from = found.index + found[0].length
    box.append(names.includes(found[0]) ? make("strong", "", found[0]) : link(found[0]))
  }
  box.append(text.slice(from))
}

/** @param {string} text */
function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}

/** @param {string} address */
function link(address) {
  const made = make("a", "", address)
  made.href = address
  made.target = "_blank"
  made.rel = "noopener noreferrer"
  return made
}

/** @param {HTMLElement} row @param {{ seq: number, channel: string, actor: string | null }} entry */
function state(row, entry) {
  if (entry.actor !== facts().me) return
  const known = channel(entry.channel)
  const others = (known?.people ?? everybody().map((one) => one.id)).filter((id) => id !== facts().me)
  const seen = others.filter((id) => (known?.reads[id] ?? 0) >= entry.seq).length
  const come = others.filter((id) => Math.max(known?.reads[id] ?? 0, known?.deliveries[id] ?? 0) >= entry.seq).length
  const box = part(row, "state")
  box.classList.toggle("bubble__foot--seen", seen > 0)
  row.dataset.seen = String(seen)
  const words = seen ? _("Seen by %(n)s of %(m)s", { n: seen, m: others.length })
    : come ? _("Delivered to %(n)s of %(m)s", { n: come, m: others.length }) : _("Sent")
  // Pressed, it says when each of them got and read it; that part of the page comes later.
  const way = make("button", "bubble__seen")
  way.type = "button"
  Object.assign(way.dataset, { receipts: "", early: "" })
  way.append(icon(seen ? "double-check" : "check"), words)
  redraw(box, [way])
}

/** @param {Entry} entry @param {Ledger | undefined} ledger */
function isRecalled(entry, ledger) {
  if (!entry.body.text && !entry.body.file && !entry.body.location) return true
  return ledger?.entries.some((one) => one.kind === "message_recalled" && one.body.seq === entry.seq) ?? false
}

/** @param {Entry} entry */
function isRecallable(entry) {
  const age = Date.now() - Date.parse(entry.at)
  return entry.actor === facts().me && age < (entry.body.file ? FILE_RECALL : TEXT_RECALL)
}

/** @param {Entry} entry */
async function takeBack(entry) {
  try {
    await ask("recall_message", { channel: entry.channel, seq: entry.seq })
  } catch (refusal) {
    if (refusal instanceof Refusal) say(refusal.message)
  }
}
