/**
 * What was written and not yet acknowledged. It lies on the device, so that a reload or an empty battery loses nothing.
 *
 * The letters to one channel go one after the other in the order they were written, and another channel never waits for them. One that the
 * server refuses does not hold up those after it: tried again, it is said anew, at the end. A `client_id` is said once, however often it is
 * sent; of two tabs, one sends.
 */
/** @import { Location, Receipt } from "./types" */
import { ask, hear, line, Refusal, tell } from "./connection.js"

/**
 * @typedef {{ client_id: string, channel: string, text: string, reply_to?: number, mentions?: string[], location?: Location, at: string, wrong?: string }} Letter
 * `wrong` is the sentence with which it was refused.
 */

const TRIES = 5
/** So long one tab waits for another that is sending; then it sends too, which does no harm. */
const PATIENCE = 15_000

/** @type {Letter[]} */
let letters = []
let place = ""
/** @type {(letter: Letter, receipt: Receipt | null) => void} */
let heard = () => undefined
/** Channels to which this page is sending. @type {Set<string>} */
const busy = new Set()
/** Those for which this device had no room: they live as long as the page. @type {Set<string>} */
const unkept = new Set()
/** How often the server stumbled over a letter. @type {Map<string, number>} */
const stumbles = new Map()

/** @param {string} room @param {string} me @param {(letter: Letter, receipt: Receipt | null) => void} changed */
export function start(room, me, changed) {
  place = `outbox:${room}:${me}:`
  heard = changed
  letters = read()
  hear("entered", () => new Set(letters.map((letter) => letter.channel)).forEach(flush))
}

export function waiting() {
  return letters
}

/** Whether a letter would survive a reload. @param {string} id */
export function isKept(id) {
  return !unkept.has(id)
}

/** @param {Letter} letter */
export function post(letter) {
  const last = letters.at(-1)?.at ?? ""
  if (letter.at <= last) letter.at = new Date(Date.parse(last) + 1).toISOString()
  letters.push(letter)
  keep(letter)
  tell("letter", letter)
  flush(letter.channel)
}

/** Says it anew, after all that was said since. @param {string} id */
export function again(id) {
  const letter = letters.find((one) => one.client_id === id)
  if (!letter) return
  drop(id)
  delete letter.wrong
  letter.at = new Date().toISOString()
  post(letter)
  heard(letter, null)
}

/** @param {string} id */
export function drop(id) {
  letters = letters.filter((letter) => letter.client_id !== id)
  unkept.delete(id)
  stumbles.delete(id)
  try {
    localStorage.removeItem(place + id)
  } catch {
    // Nothing was kept there.
  }
}

/** @param {string} channel */
async function flush(channel) {
  if (busy.has(channel)) return
  busy.add(channel)
  try {
    await alone(place + channel, async () => {
      for (let letter = next(channel); letter && line() === "online"; letter = next(channel)) await send(letter)
    })
  } catch {
    setTimeout(() => flush(channel), 2000)
    return
  } finally {
    busy.delete(channel)
  }
  if (next(channel) && line() === "online") flush(channel) // written while the last one was being put away
}

/** The next one to go; what another tab has sent meanwhile is put away. @param {string} channel */
function next(channel) {
  for (const letter of letters.filter((one) => one.channel === channel && !one.wrong)) {
    if (isThere(letter)) return letter
    drop(letter.client_id)
  }
  return undefined
}

/** @param {Letter} letter */
async function send(letter) {
  const { channel, client_id, text, reply_to, mentions, location } = letter
  try {
    const receipt = await ask("post_message", { channel, client_id, text, ...(reply_to ? { reply_to } : {}), ...(mentions ? { mentions } : {}), ...(location ? { location } : {}) })
    drop(client_id)
    heard(letter, receipt)
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || (refusal.passing && !isStuck(letter, refusal))) throw refusal
    letter.wrong = refusal.message
    keep(letter)
    heard(letter, null)
  }
}

/** A letter over which the server stumbles time and again must not hold up the others for ever. @param {Letter} letter @param {Refusal} refusal */
function isStuck(letter, refusal) {
  if (refusal.code !== "internal") return false
  const times = (stumbles.get(letter.client_id) ?? 0) + 1
  stumbles.set(letter.client_id, times)
  return times >= TRIES
}

/** Of several tabs only one is at work. @param {string} name @param {() => Promise<void>} work */
async function alone(name, work) {
  if (!("locks" in navigator)) return work()
  const waited = AbortSignal.timeout(PATIENCE)
  try {
    await navigator.locks.request(name, { signal: waited }, work)
  } catch (error) {
    if (!waited.aborted || error !== waited.reason) throw error
    await work()
  }
}

/** @returns {Letter[]} */
function read() {
  try {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith(place))
    return kept.map((key) => /** @type {Letter} */ (JSON.parse(localStorage.getItem(key) ?? ""))).sort((a, b) => (a.at < b.at ? -1 : 1))
  } catch {
    return []
  }
}

/** @param {Letter} letter */
function keep(letter) {
  try {
    localStorage.setItem(place + letter.client_id, JSON.stringify(letter))
    unkept.delete(letter.client_id)
  } catch {
    unkept.add(letter.client_id) // no room, or a browser that keeps nothing: said in its bubble
  }
}

/** @param {Letter} letter */
function isThere(letter) {
  try {
    return unkept.has(letter.client_id) || localStorage.getItem(place + letter.client_id) !== null
  } catch {
    return true
  }
}
