/** What somebody said, as a bubble: whose it is, what it answers, and how far it has come. */
/** @import { Entry, Erased, StoredFile } from "./types" */
/** @import { Ledger } from "./ledger.js" */
/** @import { Letter } from "./outbox.js" */
/** @import { Parcel } from "./uploads.js" */
import { ask, line } from "./connection.js"
import { channel, everybody, facts, may, me, nameOf, person, standingOf } from "./facts.js"
import { showFile, showPlace } from "./files.js"
import * as outbox from "./outbox.js"
import { button, copy, icon, make, part, redraw } from "./page.js"
import { clock, dayAndClock } from "./times.js"
import { _, language } from "./words.js"

/** How everybody is called at once, in Chinese and in English: a word in the text, which stays as it was written. */
export const EVERYBODY = ["@所有人", "@Everyone"]
/** Only what is plainly an address, in the plain characters of one: look-alike letters of other scripts never become a link. */
const ADDRESS = "https?://[\\w\\-.~:/?#@!$&'()*+,;=%\\[\\]]+"

/** @param {Entry} entry @param {Entry | undefined} answered @param {Ledger | undefined} ledger */
export function draw(entry, answered, ledger) {
  const row = frame(entry.actor, entry.at)
  row.dataset.seq = String(entry.seq)
  row.dataset.channel = entry.channel
  row.dataset.state = "sent"
  if (entry.erased) return stub(row, whyGone(entry.erased))
  if (isRecalled(entry, ledger)) return stub(row)
  const { text, file } = entry.body
  if (entry.body.reply_to) quote(row, entry.channel, entry.body.reply_to, answered, ledger)
  if (text) write(part(row, "text"), text, entry.body.mentions ?? [])
  row.classList.toggle("bubble--calls", callsMe(entry))
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
  if (letter.reply_to) quote(row, letter.channel, letter.reply_to, answered)
  if (letter.location) part(row, "file").append(showPlace(letter.location))
  write(part(row, "text"), letter.text, letter.mentions ?? [])
  const foot = part(row, "state")
  if (letter.wrong) {
    foot.append(icon("alert"), letter.wrong, button(_("Try again"), () => { row.remove(); outbox.again(letter.client_id) }, "button button--bare button--small"),
      button(_("Remove"), () => { outbox.drop(letter.client_id); row.remove() }, "button button--bare button--small"))
  } else {
    foot.append(icon(sent ? "check" : "clock"), sent ? _("Sent") : waits(letter))
  }
  return row
}

/** @param {Letter} letter */
function waits(letter) {
  if (!outbox.isKept(letter.client_id)) return _("This device has no room to keep it: leave this page open until it is sent")
  return line() === "online" ? _("Sending…") : _("Kept here, sent when the connection is back")
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
  for (const box of list.querySelectorAll(`[data-to="${CSS.escape(recalled.channel)}:${recalled.body.seq}"]`)) box.textContent = _("This message was taken back.")
}

/** "Seen by" grows while the others read. @param {HTMLElement} list */
export function drawStates(list) {
  for (const row of list.querySelectorAll(".bubble--own[data-seq]")) {
    if (!(row instanceof HTMLElement) || ["recalled", "erased"].includes(row.dataset.state ?? "")) continue
    state(row, { seq: Number(row.dataset.seq), channel: row.dataset.channel ?? "", actor: row.dataset.actor ?? "" })
  }
}

/** Whether somebody calls the reader in a message. @param {Entry} entry */
export function callsMe(entry) {
  const called = entry.body?.mentions ?? []
  return entry.actor !== facts().me && (called.includes("all") || called.includes(facts().me))
}

/** Who is called in a text, of the people who read it; of two names that begin alike, the longer one. @param {string} text @param {string[]} people */
export function callsIn(text, people) {
  if (may("mention_all") && EVERYBODY.some((word) => text.includes(word))) return ["all"]
  const named = everybody().filter((one) => people.includes(one.id) && one.id !== facts().me)
  const found = new Set(text.match(pattern(named.map((one) => `@${one.name}`))) ?? [])
  return named.filter((one) => found.has(`@${one.name}`)).map((one) => one.id)
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

/** What stands in the place of an erased content. @param {Erased} erased */
export function whyGone({ at, name }) {
  return _("Erased on %(when)s under the rule “%(rule)s”.", { when: dayAndClock(at), rule: language.startsWith("zh") ? name.zh : name.en })
}

/** @param {HTMLElement} row @param {string} [why] of what was erased, and not taken back */
function stub(row, why) {
  row.dataset.state = why ? "erased" : "recalled"
  row.classList.remove("bubble--pending", "bubble--tile")
  row.classList.add("bubble--recalled")
  part(row, "file").replaceChildren()
  part(row, "quote").hidden = true
  part(row, "state").replaceChildren()
  part(row, "more").hidden = Boolean(why) || !may("ask_unsealing") || !["record", "talks"].includes(channel(row.dataset.channel ?? "")?.kind ?? "")
  part(row, "text").textContent = why ?? (row.classList.contains("bubble--own") ? _("You took this message back.") : _("This message was taken back."))
  return row
}

/**
 * What a message answers, in short; it leads there. What has not been read yet is asked for.
 * @param {HTMLElement} row @param {string} id @param {number} seq @param {Entry | undefined} answered @param {Ledger} [ledger]
 */
function quote(row, id, seq, answered, ledger) {
  const box = part(row, "quote")
  box.dataset.to = `${id}:${seq}`
  box.hidden = false
  if (answered) return void (box.textContent = short(answered, ledger))
  box.textContent = _("An earlier message")
  ask("read_entries", { channel: id, after: seq - 1, limit: 1 }).then(({ entries: [found] }) => {
    if (found) box.textContent = short(found, ledger)
  }, () => undefined)
}

/** @param {Entry} answered @param {Ledger} [ledger] */
function short(answered, ledger) {
  if (answered.erased) return whyGone(answered.erased)
  if (isRecalled(answered, ledger)) return _("This message was taken back.")
  const text = answered.body.text || answered.body.file?.name || ""
  const cut = text.length > 120 ? `${text.slice(0, 120)}…` : text
  return _("%(name)s: %(text)s", { name: nameOf(answered.actor), text: cut })
}

/** Names that are called stand out; links lead out of the room only where they are plainly links. @param {HTMLElement} box @param {string} text @param {string[]} mentions */
function write(box, text, mentions) {
  const names = mentions.includes("all") ? EVERYBODY : mentions.map((id) => `@${nameOf(id)}`)
  let from = 0
  for (const found of text.matchAll(pattern(names, ADDRESS))) {
    const word = names.includes(found[0]) ? found[0] : withoutTheEnd(found[0])
    const made = names.includes(word) ? make("strong", "bubble__call", word) : link(word)
    if (!made) continue
    box.append(text.slice(from, found.index), made)
    from = found.index + word.length
  }
  box.append(text.slice(from))
}

/** @param {string[]} names @param {string[]} more */
function pattern(names, ...more) {
  const escaped = [...names].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp([...escaped, ...more].join("|") || "(?!)", "g")
}

/** The full stop after an address is the sentence's, and so is a bracket that was opened before it. @param {string} address @returns {string} */
function withoutTheEnd(address) {
  const bare = address.replace(/[.,;:!?'*]+$/, "")
  return bare.endsWith(")") && !bare.includes("(") ? withoutTheEnd(bare.slice(0, -1)) : bare
}

/** The host is said by itself: what stands before an @, or a host in other letters, deceives the eye. @param {string} address */
function link(address) {
  const real = URL.canParse(address) ? new URL(address) : null
  if (!real) return null
  const made = make("a", "", address)
  made.href = real.href
  made.target = "_blank"
  made.rel = "noopener noreferrer nofollow"
  made.referrerPolicy = "no-referrer"
  made.dataset.host = real.host
  if (real.username || real.password || real.host.includes("xn--")) made.dataset.differs = "true"
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
  if (!entry.body) return true
  return ledger?.entries.some((one) => one.kind === "message_recalled" && one.body.seq === entry.seq) ?? false
}
