/** Where one writes. Each place keeps its own draft, and the sending button says who will read it. */
/** @import { Entry } from "./types" */
/** @import { Place } from "./channels.js" */
import { callsIn } from "./bubbles.js"
import { streamOf } from "./channels.js"
import { facts, may, nameOf } from "./facts.js"
import * as outbox from "./outbox.js"
import { newId, part } from "./page.js"
import { number } from "./times.js"
import { _ } from "./words.js"

const MOST = 10_000

/** @type {Place | undefined} */
let place
/** @type {Entry | null} */
let answered = null
/** @type {HTMLTextAreaElement} */
let input
/** @type {HTMLElement} */
let root
/** @typedef {(files: File[], channel: string) => void} Sending */
/** @type {Sending} */
let sendFiles = () => undefined

/** @param {HTMLElement} composer @param {Sending} sending */
export function start(composer, sending) {
  root = composer
  sendFiles = sending
  input = /** @type {HTMLTextAreaElement} */ (part(composer, "text"))
  const form = part(composer, "form")
  form.addEventListener("submit", (event) => { event.preventDefault(); send() })
  input.addEventListener("input", typed)
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && answered && !event.isComposing) return reply(null)
    // While Chinese is being composed, Enter chooses the characters; on a phone it is a new line.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return
    event.preventDefault()
    send()
  })
  part(composer, "unreply").addEventListener("click", () => reply(null))
  const picker = /** @type {HTMLInputElement} */ (part(composer, "picker"))
  // They go where one was when one began to choose, whatever is open by then.
  let chosenFor = ""
  picker.addEventListener("change", () => {
    const channel = chosenFor || place?.write?.id
    if (channel) sendFiles([...(picker.files ?? [])], channel)
    picker.value = chosenFor = ""
  })
  picker.addEventListener("cancel", () => { chosenFor = "" })
  for (const [name, accept] of [["photo", "image/*,video/mp4,video/quicktime,video/webm"], ["any", ""]]) {
    part(composer, /** @type {string} */ (name)).addEventListener("click", () => {
      picker.accept = accept ?? ""
      chosenFor = place?.write?.id ?? ""
      part(composer, "plus").hidePopover?.()
      picker.click()
    })
  }
}

/** @param {Place} next */
export function turn(next) {
  const moved = place?.key !== next.key
  if (moved && place) keep(place.key, input.value)
  place = next
  if (moved) {
    input.value = kept(next.key)
    reply(null)
    grow()
  }
  const speaks = Boolean(next.write?.may_speak)
  part(root, "form").hidden = !speaks
  const shut = part(root, "closed")
  shut.hidden = speaks
  shut.textContent = closedWords(next)
  const words = sendWords(next)
  const label = part(root, "send-words")
  label.textContent = words
  input.placeholder = next.kind === "everyone" ? _("Message to everyone") : _("Private message")
  input.setAttribute("aria-label", input.placeholder)
  part(root, "document").hidden = !may("submit_document") && !speaks
}

/** Puts words where the reader is writing, as if they had typed them. @param {string} text */
export function insert(text) {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end")
  input.dispatchEvent(new Event("input", { bubbles: true }))
  input.focus()
}

/** @param {Entry | null} entry */
export function reply(entry) {
  answered = entry
  const box = part(root, "reply")
  box.hidden = !entry
  if (!entry) return
  part(root, "reply-text").textContent = _("Reply to %(name)s: %(text)s", { name: nameOf(entry.actor), text: (entry.body.text ?? entry.body.file?.name ?? "").slice(0, 80) })
  input.focus()
}

function send() {
  const text = input.value.trim()
  const channel = place?.write?.id
  if (!text || !channel || text.length > MOST) return
  /** @type {import("./outbox.js").Letter} */
  const letter = { client_id: newId(), channel, text, at: new Date().toISOString() }
  if (answered?.channel === channel) letter.reply_to = answered.seq
  const called = callsIn(text, place?.write?.people ?? [])
  if (called.length) letter.mentions = called
  input.value = ""
  keep(place?.key ?? "", "")
  reply(null)
  grow()
  outbox.post(letter) // first, so that its bubble can say when there was no room to keep it
  streamOf(channel)?.showLetter(letter)
  input.focus()
}

function typed() {
  grow()
  const over = input.value.trim().length - MOST
  const wrong = part(root, "wrong")
  wrong.hidden = over <= 0
  wrong.textContent = over > 0 ? _("A message holds 10,000 characters; this one has %(n)s too many. Nothing was lost: shorten it, or attach it as a file.", { n: number(over) }) : ""
  input.setAttribute("aria-invalid", String(over > 0))
  if (place) keep(place.key, input.value)
}

function grow() {
  input.style.blockSize = "auto"
  input.style.blockSize = `${Math.min(input.scrollHeight + 2, 144)}px`
}

/** @param {Place} next */
function sendWords(next) {
  if (next.kind === "everyone") return _("Send")
  return next.kind === "private" ? _("Send privately") : _("Send inside")
}

/** @param {Place} next */
function closedWords(next) {
  if (!next.open) return _("This private talk has ended. You can read it; nothing can be added.")
  if (facts().state === "frozen") return _("The room is closed for writing while a consent is missing.")
  if (facts().state === "sealed") return _("The mediation has ended. Everything stays readable.")
  if (!facts().room) return ""
  return _("You can read here. Writing is not open to you at the moment.")
}

/** On this device, for this person, until it is sent or they sign out. @param {string} key @param {string} text */
function keep(key, text) {
  try {
    const name = `draft:${facts().room}:${facts().me}:${key}`
    if (text) localStorage.setItem(name, text)
    else localStorage.removeItem(name)
  } catch {
    // Without storage a draft lives as long as the page.
  }
}

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(`draft:${facts().room}:${facts().me}:${key}`) ?? ""
  } catch {
    return ""
  }
}
