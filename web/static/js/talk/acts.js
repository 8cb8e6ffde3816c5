/**
 * The acts on a bubble: quote, copy, take back and write again, pin. Opened by its button, the menu key, the right mouse button or a long
 * press; on a phone, swiping a bubble to the right quotes it.
 */
/** @import { Entry } from "../types" */
import { channel, facts, may } from "../facts.js"
import { ask, hear, Refusal } from "../connection.js"
import { currentPlace, streamOf } from "../channels.js"
import * as composer from "../composer.js"
import { say } from "../notices.js"
import { button, make, part } from "../page.js"
import { _ } from "../words.js"
import { jump, rowOf } from "./jump.js"
import { open as openMenu } from "./menu.js"
import { swipes } from "./swipe.js"

const TEXT_RECALL = 2 * 60_000
const FILE_RECALL = 3 * 60 * 60_000
const WRITE_AGAIN = 5 * 60_000
const LONG = 500

/** @typedef {{ words: string, act: () => void }} Act */
/** @typedef {(entry: Entry, row: HTMLElement) => Act | null} Offer what another part of the room can do with a message */

/** @type {Offer[]} */
const offers = []
/** What one took back oneself, while it can be written again. @type {Map<string, { text: string, until: number }>} */
const taken = new Map()

/** @param {Offer} offer */
export function offerAct(offer) {
  offers.push(offer)
}

/** @param {HTMLElement} root */
export function start(root) {
  const streams = part(root, "streams")
  streams.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target : null
    const more = pressed?.closest("[data-part='more']")
    if (more instanceof HTMLElement) show(more)
    const quote = pressed?.closest("[data-part='quote']")
    if (quote instanceof HTMLElement) follow(quote)
  })
  streams.addEventListener("contextmenu", (event) => {
    const row = rowUnder(event.target)
    if (!row || isOfTheBrowser(event.target)) return
    event.preventDefault()
    show(part(row, "more"), event)
  })
  longPress(streams)
  swipes(streams, quoteRow)
  hear("message_recalled", (/** @type {Entry} */ entry) => writeAgain(`${entry.channel}:${entry.body.seq}`))
}

/** @param {HTMLElement} row */
export function quoteRow(row) {
  const entry = entryOf(row)
  if (entry && row.dataset.state === "sent" && channel(entry.channel)?.may_speak) composer.reply(entry)
}

/** @param {EventTarget | null} target */
function rowUnder(target) {
  const row = target instanceof Element ? target.closest(".bubble[data-seq]") : null
  return row instanceof HTMLElement && !part(row, "more").hidden ? row : null
}

/** @param {HTMLElement} row @returns {Entry | undefined} */
function entryOf(row) {
  return streamOf(row.dataset.channel ?? "")?.ledgers.get(row.dataset.channel ?? "")?.find(Number(row.dataset.seq))
}

/** A link, a picture, a chosen word: there the browser's own menu does more. @param {EventTarget | null} target */
function isOfTheBrowser(target) {
  return (target instanceof Element && target.closest("a, img, video, audio") !== null) || getSelection()?.isCollapsed === false
}

/** @param {HTMLElement} more @param {MouseEvent} [at] */
function show(more, at) {
  const row = /** @type {HTMLElement} */ (more.closest(".bubble"))
  const entry = entryOf(row)
  if (entry) openMenu(row, actsOf(entry, row), more, at)
}

/** @param {Entry} entry @param {HTMLElement} row @returns {Act[]} */
function actsOf(entry, row) {
  const own = entry.actor === facts().me
  const speaks = channel(entry.channel)?.may_speak ?? false
  /** @type {Act[]} */
  const acts = []
  if (row.dataset.state === "sent") {
    if (speaks) acts.push({ words: _("Quote"), act: () => composer.reply(entry) })
    if (entry.body.text) acts.push({ words: _("Copy"), act: () => copyText(entry.body.text ?? "") })
    if (own && speaks && isRecallable(entry)) acts.push({ words: _("Take back"), act: () => takeBack(entry) })
  }
  return [...acts, ...offers.flatMap((offer) => offer(entry, row) ?? [])]
}

/** @param {Entry} entry */
function isRecallable(entry) {
  return Date.now() - Date.parse(entry.at) < (entry.body.file ? FILE_RECALL : TEXT_RECALL)
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    say(_("Copied"))
  } catch {
    say(_("This browser does not let pages copy. Choose the words and copy them yourself."))
  }
}

/** @param {Entry} entry */
async function takeBack(entry) {
  const key = `${entry.channel}:${entry.seq}`
  if (entry.body.text) taken.set(key, { text: entry.body.text, until: Date.now() + WRITE_AGAIN })
  try {
    await ask("recall_message", { channel: entry.channel, seq: entry.seq })
  } catch (refusal) {
    taken.delete(key)
    if (refusal instanceof Refusal) say(refusal.message)
  }
}

/** For five minutes the words can be put back into the field. They lie in this page alone, not on the device. @param {string} key */
function writeAgain(key) {
  const words = taken.get(key)
  const [id = "", seq] = key.split(":")
  const row = rowOf(id, Number(seq))
  if (!words || !row) return
  const again = button(_("Write it again"), () => {
    const place = currentPlace()
    if (place?.write?.id === id) composer.insert(words.text)
  }, "button button--bare button--small")
  part(row, "state").append(again)
  setTimeout(() => { taken.delete(key); again.remove() }, words.until - Date.now())
}

/** @param {HTMLElement} quote */
function follow(quote) {
  const [id, seq] = (quote.dataset.to ?? "").split(":")
  if (id) jump(id, Number(seq))
}

/** Where a long press does not bring up a menu by itself (iPhones). @param {HTMLElement} streams */
function longPress(streams) {
  let waiting = 0
  const stop = () => clearTimeout(waiting)
  streams.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "touch" ? rowUnder(event.target) : null
    if (!row || isOfTheBrowser(event.target)) return
    const { clientX, clientY } = event
    stop()
    waiting = setTimeout(() => show(part(row, "more"), new MouseEvent("contextmenu", { clientX, clientY })), LONG)
  })
  for (const name of ["pointerup", "pointercancel", "pointermove", "scroll", "contextmenu"]) streams.addEventListener(name, stop, { capture: true, passive: true })
}
